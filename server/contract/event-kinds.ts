// The names of the kinds of events and of the levels of pressure.

export const eventKinds = [
  'oom',
  'oom_kill',
  'pressure',
  'threshold',
  'forecast',
  'freeze',
  'thaw',
  'empty',
  'write',
  'launch',
  'exit',
  'restart',
  'create',
  'remove',
  'move',
  'kill',
  'hold',
  'decision',
] as const;

export const pressureLevels = ['low', 'medium', 'critical'] as const;
export type PressureLevel = (typeof pressureLevels)[number];
