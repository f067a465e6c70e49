// How soon a child is restarted: at once where one that worked was killed, later and later where it ends by itself.
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type KeptChild, keepAlive } from './child.ts';

let kept: KeptChild | undefined;

afterEach(async () => {
  vi.restoreAllMocks();
  await kept?.stop(0);
});

/** The delays before the first five restarts. */
async function delays(manner: string, ready: (child: KeptChild) => void): Promise<number[]> {
  const found: number[] = [];
  const timers = vi.spyOn(globalThis, 'setTimeout');
  await new Promise<void>((resolve) => {
    kept = keepAlive({
      command: { file: process.execPath, args: [join(import.meta.dirname, 'fixtures', 'child.ts'), 'web'] },
      env: { ...process.env, STANDIN_WEB: manner },
      pingEveryMs: 60_000,
      firstMessage: () => ({ type: 'start' }),
      onMessage: () => kept && ready(kept),
      onHang: () => {},
      onEnd: () => {
        // The timer of the restart is the next to be set.
        queueMicrotask(() => {
          found.push(Number(timers.mock.calls.findLast(([callback]) => callback.name === 'start')?.[1]));
          if (found.length === 5) resolve();
        });
      },
    });
  });
  return found;
}

test('one that was ready and is killed, as for want of memory, is back at once, however often', async () => {
  expect(await delays('good', ({ pid }) => pid !== undefined && process.kill(pid, 'SIGKILL'))).toEqual([50, 50, 50, 50, 50]);
}, 60_000);

test('one that ends by itself is waited for longer and longer', async () => {
  expect(await delays('crash', () => {})).toEqual([50, 100, 200, 400, 800]);
}, 60_000);
