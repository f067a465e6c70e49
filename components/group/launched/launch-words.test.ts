// The state of a launch in words.
import { describe, expect, it } from 'vitest';
import { endWords, isOver, restartWords, usedWords } from './launch-words.ts';

describe('restartWords', () => {
  it.each([
    [{ count: 0 }, undefined],
    [{ count: 1 }, 'restarted once'],
    [{ count: 3 }, 'restarted 3 times'],
    [{ count: 3, nextAt: 14_000 }, 'restarted 3 times, next in 4 s'],
    [{ count: 0, nextAt: 10_001 }, 'not restarted yet, next in 1 s'],
    [{ count: 2, nextAt: 9_000 }, 'restarted 2 times, next now'],
    [{ count: 2, nextAt: 12_000, problem: 'There is no /srv.' }, 'restarted 2 times, next in 2 s; the last try failed: There is no /srv.'],
    [{ count: 0, problem: 'No.' }, 'not restarted yet; the last try failed: No.'],
  ])('%j', (restarts, words) => {
    expect(restartWords(restarts, 10_000)).toBe(words);
  });
});

it('has how it ended and what it had used, as far as that is known', () => {
  expect(endWords({ time: 0, code: 1 })).toBe('with code 1');
  expect(endWords({ time: 0, signal: 'SIGKILL', code: 137 })).toBe('by SIGKILL');
  expect(endWords({ time: 0 })).toBe('with code ?');
  expect(usedWords({ time: 0, runMs: 4000, cpuMs: 1230, peakBytes: 12 * 2 ** 20 })).toBe('ran 4 s · CPU 1.23 s · peak 12 MiB');
  expect(usedWords({ time: 0 })).toBe('');
});

it('is over once it is not started again', () => {
  expect(isOver({ restarts: { count: 0 } })).toBe(false);
  expect(isOver({ exit: { time: 0 }, restarts: { count: 0, nextAt: 5 } })).toBe(false);
  expect(isOver({ exit: { time: 0 }, restarts: { count: 2 } })).toBe(true);
});
