// The list of events with a line over each day, where there is more than today.
import { dayOf } from '../ui/moment-words.ts';
import type { Row } from './event-filter.ts';

/** `day`: a time of it, wall-clock ms. */
export type DayRow = Row | { readonly day: number };

/**
 * A day's line comes after its last event, which is above it in a list that has the newest first.
 * @param rows oldest first
 * @param nowMs the machine's clock: a list with today's events alone has no line
 */
export function withDays(rows: readonly Row[], nowMs: number): DayRow[] {
  const today = dayOf(nowMs);
  const found: DayRow[] = [];
  let open: { readonly day: string; readonly timeMs: number } | undefined;
  let isOtherDay = false;
  for (const row of rows) {
    const timeMs = 'event' in row ? row.event.time : undefined;
    const day = timeMs === undefined ? undefined : dayOf(timeMs);
    if (open && day !== undefined && day !== open.day) found.push({ day: open.timeMs });
    if (timeMs !== undefined && day !== undefined) {
      isOtherDay ||= day !== today;
      open = { day, timeMs };
    }
    found.push(row);
  }
  if (open && isOtherDay) found.push({ day: open.timeMs });
  return isOtherDay ? found : [...rows];
}
