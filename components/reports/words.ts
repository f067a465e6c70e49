// Times and bounds in a report, in words.
import { bytesText, formatClock, shortDuration } from '../../server/contract/units.ts';

/** The viewer's day of a wall-clock time in ms: 2026-11-29. */
export function dayOf(timeMs: number): string {
  const date = new Date(timeMs);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
}

export function momentOf(timeMs: number): string {
  return `${dayOf(timeMs)} ${formatClock(timeMs, true)}`;
}

/** "−4.2 s": how long before the kill. */
export function beforeOf(timeMs: number, killMs: number): string {
  return `−${shortDuration(Math.max(0, killMs - timeMs))}`;
}

export function boundText(bytes: number | 'max' | undefined): string {
  return bytes === undefined ? '–' : bytes === 'max' ? 'none' : bytesText(bytes);
}
