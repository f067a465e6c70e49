// Notifies the person at this browser of new events, by notification and sound, on every page; once for a burst.
'use client';
import { useEffect, useEffectEvent, useRef } from 'react';
import type { Event } from '../../server/contract/events.ts';
import { useEvents, useEventsLoaded } from '../live/hooks.ts';
import { useLeastSeverity, useNotificationsOn, useSoundOn } from './browser-choices.ts';
import { type News, newsOf } from './news.ts';
import { playTone } from './tone.ts';

/** At most one in that time, but for a critical one after a warning. */
const QUIET_MS = 10_000;
const NEWEST = 200;

export function BrowserNotices() {
  const [notifications] = useNotificationsOn();
  const [sound] = useSoundOn();
  const [least] = useLeastSeverity();
  const events = useEvents({ limit: NEWEST });
  const loaded = useEventsLoaded();
  const told = useRef<number>(undefined);
  const before = useRef<{ readonly severity: News['severity']; readonly quietUntil: number }>(undefined);
  const tell = useEffectEvent((fresh: readonly Event[]) => {
    const news = newsOf(fresh, least);
    if (!news) return;
    const { current } = before;
    const isGraver = news.severity === 'critical' && current?.severity === 'warning';
    if (current && performance.now() < current.quietUntil && !isGraver) return;
    before.current = { severity: news.severity, quietUntil: performance.now() + QUIET_MS };
    if (sound === 'on') playTone(news.severity);
    if (notifications === 'on' && document.visibilityState === 'hidden' && Notification.permission === 'granted')
      new Notification(news.title, { body: news.body, tag: 'cgdeck' });
  });
  useEffect(() => {
    if (!loaded) return;
    const last = events.at(-1)?.id ?? 0;
    // What was there when the page was opened is no news.
    if (told.current !== undefined && last > told.current) {
      const since = told.current;
      tell(events.filter(({ id }) => id > since));
    }
    told.current = Math.max(last, told.current ?? 0);
  }, [events, loaded]);
  return null;
}
