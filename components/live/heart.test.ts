// Beats over a clock that the test turns: missed ones, late ones, and a machine that slept.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Heart } from './heart.ts';

let beats: number;
let dead: number;
let heart: Heart;

function start(patience = 1): void {
  heart = new Heart({ beat: () => beats++, onDead: () => dead++, patience, now: () => Date.now() });
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  beats = dead = 0;
});
afterEach(() => {
  heart.stop();
  vi.useRealTimers();
});

test('three beats without a word end it, and no fewer', () => {
  start();
  vi.advanceTimersByTime(16_000);
  expect([beats, dead]).toEqual([3, 0]);
  vi.advanceTimersByTime(1000);
  expect(dead).toBe(1);
});

test('a word that comes ten seconds late ends nothing', () => {
  start();
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(15_000);
    heart.heard();
  }
  expect(dead).toBe(0);
});

test('a line that is slow gets more time', () => {
  start(2);
  vi.advanceTimersByTime(30_000);
  expect(dead).toBe(0);
  vi.advanceTimersByTime(4000);
  expect(dead).toBe(1);
});

test('after a sleep nothing was missed, and a word is asked for at once', () => {
  start();
  vi.advanceTimersByTime(4000);
  vi.setSystemTime(3_600_000);
  vi.advanceTimersByTime(1000);
  expect([beats, dead]).toEqual([1, 0]);
  heart.heard();
  vi.advanceTimersByTime(2000);
  expect(dead).toBe(0);
  vi.setSystemTime(7_200_000);
  vi.advanceTimersByTime(4600);
  expect(dead).toBe(1);
});

test('stopped, it does nothing more', () => {
  start();
  heart.check();
  heart.stop();
  vi.advanceTimersByTime(60_000);
  expect([beats, dead]).toEqual([1, 0]);
});
