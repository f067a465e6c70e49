// Lines over the days of a list.
import { expect, test } from 'vitest';
import type { Event } from '../../server/contract/events.ts';
import { dayOf } from '../ui/moment-words.ts';
import { withDays } from './days.ts';
import type { Row } from './event-filter.ts';

const at = (day: number, hour: number) => new Date(2026, 10, day, hour).getTime();
const row = (time: number): Row => ({ event: { id: time, time, kind: 'empty', group: '/a' } as unknown as Event });
const gap: Row = { gap: { from: 1, to: 2, kinds: ['oom'] } as never };
const shape = (rows: readonly Row[], nowMs: number) =>
  withDays(rows, nowMs).map((one) => ('day' in one ? dayOf(one.day) : 'event' in one ? new Date(one.event.time).getHours() : 'gap'));

test('two days have a line each, above their events in a list with the newest first', () => {
  expect(shape([row(at(28, 8)), gap, row(at(28, 23)), row(at(29, 0)), row(at(29, 9))], at(29, 12))).toEqual([
    ...[8, 'gap', 23, '2026-11-28'],
    ...[0, 9, '2026-11-29'],
  ]);
});

test('today’s events alone have none; yesterday’s alone have one', () => {
  const rows = [row(at(28, 8)), row(at(28, 9))];
  expect(shape(rows, at(28, 12))).toEqual([8, 9]);
  expect(shape(rows, at(29, 12))).toEqual([8, 9, '2026-11-28']);
  expect(shape([], at(29, 12))).toEqual([]);
  expect(shape([gap], at(29, 12))).toEqual(['gap']);
});
