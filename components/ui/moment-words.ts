// Times in words: with the day where it is not today's, and the whole of it with the zone.
import { formatClock } from '../../server/contract/units.ts';

/** The viewer's day of a wall-clock time in ms: 2026-11-29. */
export function dayOf(timeMs: number): string {
  const date = new Date(timeMs);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
}

/** "Sunday, 29 November 2026", over the events of a day. */
export function dayWords(timeMs: number): string {
  return new Date(timeMs).toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

/** "21:52:45", or "2026-11-28 21:52:45" where the day is another than that of `nowMs`. */
export function momentWords(timeMs: number, nowMs: number): string {
  return dayOf(timeMs) === dayOf(nowMs) ? formatClock(timeMs) : `${dayOf(timeMs)} ${formatClock(timeMs)}`;
}

/** "Sunday, 29 November 2026, 21:52:45.123, UTC+01:00 (Europe/Berlin)": the viewer's zone as it was then. */
export function wholeMoment(timeMs: number): string {
  const minutes = -new Date(timeMs).getTimezoneOffset();
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  const offset = minutes === 0 ? '' : `${minutes < 0 ? '−' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return `${dayWords(timeMs)}, ${formatClock(timeMs, true)}, UTC${offset}${zone === 'UTC' ? '' : ` (${zone})`}`;
}
