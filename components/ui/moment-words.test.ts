// Times of other days and zones.
import { afterEach, expect, test } from 'vitest';
import { dayOf, dayWords, momentWords, wholeMoment } from './moment-words.ts';

const zone = process.env.TZ;
afterEach(() => {
  // Node reads it anew with each assignment.
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const NOON_MS = Date.UTC(2026, 10, 29, 12, 0, 1, 23);

test.each([
  ['UTC', 'Sunday, 29 November 2026, 12:00:01.023, UTC'],
  ['Europe/Berlin', 'Sunday, 29 November 2026, 13:00:01.023, UTC+01:00 (Europe/Berlin)'],
  ['Australia/Darwin', 'Sunday, 29 November 2026, 21:30:01.023, UTC+09:30 (Australia/Darwin)'],
  ['America/St_Johns', 'Sunday, 29 November 2026, 08:30:01.023, UTC−03:30 (America/St_Johns)'],
  ['Pacific/Kiritimati', 'Monday, 30 November 2026, 02:00:01.023, UTC+14:00 (Pacific/Kiritimati)'],
])('the whole moment in %s', (place, words) => {
  process.env.TZ = place;
  expect(wholeMoment(NOON_MS)).toBe(words);
});

test('the offset is that of the time, not of now', () => {
  process.env.TZ = 'Europe/Berlin';
  expect(wholeMoment(Date.UTC(2026, 6, 1, 12))).toBe('Wednesday, 1 July 2026, 14:00:00.000, UTC+02:00 (Europe/Berlin)');
});

test('the day is shown where it is not today’s, in the viewer’s zone', () => {
  process.env.TZ = 'Europe/Berlin';
  const lateMs = Date.UTC(2026, 10, 28, 22, 59, 59);
  expect([lateMs, lateMs + 1000].map(dayOf)).toEqual(['2026-11-28', '2026-11-29']);
  expect(momentWords(lateMs, NOON_MS)).toBe('2026-11-28 23:59:59');
  expect(momentWords(lateMs + 1000, NOON_MS)).toBe('00:00:00');
  expect(dayWords(lateMs)).toBe('Saturday, 28 November 2026');
});
