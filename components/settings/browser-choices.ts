// What a person chose for this browser: notifications, a sound, and for which events.
'use client';
import { useRemembered } from '../frame/use-remembered.ts';

const SWITCH = ['off', 'on'] as const;
const SEVERITIES = ['critical', 'warning'] as const;

export const useNotificationsOn = () => useRemembered('cgdeck-notifications', SWITCH, 'off');
export const useSoundOn = () => useRemembered('cgdeck-sound', SWITCH, 'off');
export const useLeastSeverity = () => useRemembered('cgdeck-notice-severity', SEVERITIES, 'critical');
