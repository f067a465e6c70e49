// The tick, with a test clock.
import { beforeEach, describe, expect, test } from 'vitest';
import { HeldClock } from '../../fixtures/held-clock.ts';
import { Ticker } from './ticker.ts';

let clock: HeldClock;
let begun: number[];
/** Milliseconds that the work of each tick takes, in order; then none. */
let durations: number[];

beforeEach(() => {
  clock = new HeldClock(1000);
  begun = [];
  durations = [];
});

function ticker(): Ticker {
  return new Ticker(
    100,
    async () => {
      begun.push(clock.now() - 1000);
      clock.pass(durations.shift() ?? 0);
    },
    clock,
  );
}

test.each<[string, number[], number[], number]>([
  ['no work', [], [0, 100, 200, 300, 400], 0],
  ['some work, without drift', [30, 30, 30, 30], [0, 100, 200, 300, 400], 0],
  ['work of nearly an interval', [99, 99, 99, 99], [0, 100, 200, 300, 400], 0],
  ['one tick too long: what it missed is left out, and the beat is kept', [150], [0, 200, 300, 400], 1],
  ['one far too long', [350], [0, 400], 3],
  ['each too long', [110, 110, 110], [0, 200, 400], 3],
])('%s', async (_, work, begins, late) => {
  durations = work;
  const one = ticker();
  one.start();
  await clock.move(0);
  await clock.move(Math.max(0, 1450 - clock.now()));
  expect(begun).toEqual(begins);
  expect(one.late).toBe(late);
  one.stop();
});

describe('late', () => {
  test('a tick up to a tenth of the interval late is on time; after a later one the next is at its multiple again', async () => {
    const one = ticker();
    one.start();
    await clock.move(0);
    clock.pass(110);
    await clock.move(0);
    expect([begun, one.late]).toEqual([[0, 110], 0]);
    await clock.move(90);
    clock.pass(111);
    await clock.move(0);
    expect([begun, one.late]).toEqual([[0, 110, 200, 311], 1]);
    await clock.move(89);
    expect([begun.at(-1), one.late]).toEqual([400, 1]);
  });

  test('the multiples count from the start, not from the construction', async () => {
    const one = ticker();
    clock.pass(250);
    one.start();
    await clock.move(0);
    await clock.move(200);
    expect(begun).toEqual([250, 350, 450]);
    expect(one.late).toBe(0);
  });
});

describe('slow ticks', () => {
  test('never run two at once', async () => {
    let running = 0;
    let most = 0;
    const ends: (() => void)[] = [];
    const one = new Ticker(
      100,
      () => {
        most = Math.max(most, ++running);
        return new Promise<void>((resolve) =>
          ends.push(() => {
            running--;
            resolve();
          }),
        );
      },
      clock,
    );
    one.start();
    await clock.move(1000);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await clock.move(100);
    expect(ends).toHaveLength(2);
    expect(most).toBe(1);
    expect(one.late).toBe(10);
  });

  test('stopped during a tick, no other follows', async () => {
    let end = () => {};
    const one = new Ticker(
      100,
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
      clock,
    );
    one.start();
    await clock.move(0);
    one.stop();
    end();
    await clock.move(1000);
    expect(clock.next).toBeUndefined();
  });

  test('stopped between ticks, no timer is left', async () => {
    const one = ticker();
    one.start();
    await clock.move(50);
    expect(clock.next).toBe(1100);
    one.stop();
    expect(clock.next).toBeUndefined();
    await clock.move(500);
    expect(begun).toEqual([0]);
  });
});

test('stop waits for a running tick', async () => {
  const order: string[] = [];
  let end = () => {};
  const one = new Ticker(
    100,
    async () => {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      order.push('tick ended');
    },
    clock,
  );
  one.start();
  await clock.move(0);
  const stopped = one.stop().then(() => order.push('stopped'));
  await clock.move(0);
  expect(order).toEqual([]);
  end();
  await stopped;
  expect(order).toEqual(['tick ended', 'stopped']);
});
