// Some launches at once, some waiting in order, the rest refused.
import { expect, test } from 'vitest';
import { Turnstile } from './turnstile.ts';

function gates(count: number) {
  return Array.from({ length: count }, () => Promise.withResolvers<void>());
}

test('lets only the allowed number in, in order', async () => {
  const turnstile = new Turnstile(2, 10);
  const doors = gates(5);
  const began: number[] = [];
  let inside = 0;
  let most = 0;
  const all = doors.map(({ promise }, i) =>
    turnstile.pass(async () => {
      began.push(i);
      most = Math.max(most, ++inside);
      await promise;
      inside--;
      return i;
    }),
  );
  for (const { resolve } of doors) resolve();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
  expect([began, most]).toEqual([[0, 1, 2, 3, 4], 2]);
});

test('refuses when too many are waiting, without effect on the others', async () => {
  const turnstile = new Turnstile(1, 1);
  const [door] = gates(1);
  const first = turnstile.pass(() => door?.promise ?? Promise.resolve());
  const second = turnstile.pass(() => Promise.reject(new Error('its own fault')));
  await expect(turnstile.pass(async () => {})).rejects.toMatchObject({ problem: { code: 'rate_limited' } });
  door?.resolve();
  await first;
  await expect(second).rejects.toThrow('its own fault');
  await expect(turnstile.pass(async () => 'free again')).resolves.toBe('free again');
});
