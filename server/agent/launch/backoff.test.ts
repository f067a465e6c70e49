// When an ended program is started again.
import { expect, test } from 'vitest';
import { LaunchRequest } from '../../contract/launch.ts';
import { nextRestart } from './backoff.ts';

const restart = (asked: object) => LaunchRequest.parse({ name: 'x', argv: ['x'], restart: asked }).restart;

test.each([
  ['never', { code: 1 }, false],
  ['never', { code: 0 }, false],
  ['on-failure', { code: 0 }, false],
  ['on-failure', { code: 1 }, true],
  ['on-failure', { signal: 'SIGSEGV' }, true],
  ['on-failure', {}, true],
  ['always', { code: 0 }, true],
  ['always', { signal: 'SIGTERM' }, true],
])('%s after %j: %s', (policy, exit, again) => {
  expect(nextRestart({ restart: restart({ policy }), exit, inARow: 0 }) !== undefined).toBe(again);
});

test('doubles the delay after each quick end, up to a minute, and begins again after a long run', () => {
  const always = restart({ policy: 'always' });
  const delays: number[] = [];
  let inARow = 0;
  for (let i = 0; i < 9; i++) {
    const next = nextRestart({ restart: always, exit: { runMs: 20 }, inARow });
    delays.push(next?.delayMs ?? 0);
    inARow = next?.inARow ?? 0;
  }
  expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  expect(nextRestart({ restart: always, exit: { runMs: 10_000 }, inARow })).toEqual({ delayMs: 1000, inARow: 1 });
  expect(nextRestart({ restart: always, exit: { runMs: 1 }, inARow: 1e6 })?.delayMs).toBe(60_000);
});

test('does not restart after the maximum of retries in a row', () => {
  const twice = restart({ policy: 'on-failure', maxRetries: 2 });
  expect(nextRestart({ restart: twice, exit: { code: 1, runMs: 1 }, inARow: 1 })).toEqual({ delayMs: 2000, inARow: 2 });
  expect(nextRestart({ restart: twice, exit: { code: 1, runMs: 1 }, inARow: 2 })).toBeUndefined();
  expect(nextRestart({ restart: twice, exit: { code: 1, runMs: 60_000 }, inARow: 2 })).toEqual({ delayMs: 1000, inARow: 1 });
});
