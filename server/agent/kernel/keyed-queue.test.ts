// One task at a time for each key, in order.
import { expect, test } from 'vitest';
import { KeyedQueue } from './keyed-queue.ts';

test('the next task begins when the one before has ended, also if it failed; other keys do not wait', async () => {
  const turns = new KeyedQueue();
  const steps: string[] = [];
  const blocked = Promise.withResolvers<void>();
  const first = turns.take('a', async () => {
    steps.push('first');
    await blocked.promise;
    throw new Error('no');
  });
  const second = turns.take('a', async () => steps.push('second'));
  await turns.take('b', async () => steps.push('other'));
  expect(steps).toEqual(['first', 'other']);
  blocked.resolve();
  await expect(first).rejects.toThrow('no');
  await second;
  await turns.idle();
  expect(steps).toEqual(['first', 'other', 'second']);
});

test('several keys are taken together, in any order, and released', async () => {
  const queue = new KeyedQueue();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const note = (what: string) => async () => void order.push(what);
  const all = [
    queue.take('b', () => gate.promise),
    queue.takeAll(['b', 'a', 'b'], note('both')),
    queue.takeAll(['a', 'b'], note('both again')),
    queue.take('a', note('a')),
    queue.take('c', note('c')),
  ];
  await all[4];
  expect(order).toEqual(['c']);
  gate.resolve();
  await Promise.all(all);
  expect(order).toEqual(['c', 'both', 'both again', 'a']);
});
