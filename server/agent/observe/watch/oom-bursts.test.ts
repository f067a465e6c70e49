// Hundreds of out-of-memory notices, with a test clock: one event that grows.
import { beforeEach, expect, test } from 'vitest';
import { HeldClock } from '../../fixtures/held-clock.ts';
import { type OomBurst, OomBursts } from './oom-bursts.ts';
import { Turns } from './turns.ts';

let clock: HeldClock;
let bursts: OomBursts;
let versions: OomBurst[];

beforeEach(() => {
  clock = new HeldClock();
  versions = [];
  bursts = new OomBursts({
    clock,
    turns: new Turns(clock, 100),
    wallMs: () => 1_000_000 + clock.now(),
    emit: (burst) => ({ id: versions.push({ ...burst }), latencyMs: versions.length }),
  });
});

async function storm(seconds: number, everyMs = 10): Promise<void> {
  for (let ms = 0; ms < seconds * 1000; ms += everyMs) {
    bursts.noticed('/a', 1, false, clock.now());
    await clock.move(everyMs);
  }
}

test('one notice is one event, at once', async () => {
  bursts.noticed('/a', 1, true, 7);
  expect(versions).toMatchObject([{ group: '/a', count: 1, underOom: true, wokeMs: 7, firstMs: 1_000_000, lastMs: 1_000_000, killed: 0 }]);
  expect(versions[0]?.first).toBeUndefined();
  await clock.move(60_000);
  expect(versions).toHaveLength(1);
  expect(clock.next).toBeUndefined();
});

test('the first notice of each group is reported at once, however many there are', () => {
  for (let i = 0; i < 150; i++) bursts.noticed(`/g${i}`, 1, true, 0);
  expect(versions.map(({ group }) => group)).toEqual(Array.from({ length: 150 }, (_, i) => `/g${i}`));
});

test('a storm is one event: first and last notice, count, peak and kills, in few versions', async () => {
  await storm(25);
  bursts.killed('/a', 398);
  await clock.move(60_000);
  expect(versions.length).toBeLessThan(30);
  expect(versions.slice(1).every(({ first }) => first?.id === 1 && first.latencyMs === 1)).toBe(true);
  const last = versions.at(-1);
  expect(last).toMatchObject({ count: 2500, killed: 398, firstMs: 1_000_000, lastMs: 1_024_990 });
  expect(last?.peakPerSec).toBeGreaterThanOrEqual(100);
  expect(last?.peakPerSec).toBeLessThanOrEqual(101);
  expect(clock.next).toBeUndefined();
});

test('versions are a second apart at first, and later a tenth of its age', async () => {
  await storm(3600, 100);
  bursts.flush();
  expect(versions.length).toBeLessThan(120);
  expect(versions.at(-1)?.count).toBe(36_000);
});

test('after a pause it is another event', async () => {
  bursts.noticed('/a', 1, false, 0);
  await clock.move(4000);
  bursts.noticed('/a', 1, false, 0);
  await clock.move(60_000);
  bursts.noticed('/a', 1, false, 0);
  expect(versions.map(({ count, first }) => [count, first?.id])).toEqual([
    [1, undefined],
    [2, 1],
    [1, undefined],
  ]);
});

test('a kill may be reported before its notice; kills alone are none', async () => {
  bursts.killed('/a', 1);
  bursts.killed('/b', 1);
  bursts.noticed('/a', 1, false, 0);
  await clock.move(60_000);
  bursts.flush();
  expect(versions.map(({ group, killed }) => [group, killed])).toEqual([['/a', 1]]);
});

test('the end of a group is the end of its burst, with all that was counted', async () => {
  await storm(1);
  bursts.noticed('/b', 1, false, 0);
  bursts.noticed('/a', 1, false, 0);
  bursts.flush('/a');
  expect(versions.at(-1)).toMatchObject({ group: '/a', count: 101 });
  bursts.noticed('/a', 1, false, 0);
  expect(versions.at(-1)).toMatchObject({ group: '/a', count: 1 });
});
