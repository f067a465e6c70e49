// Which groups are shown as held, the words before a decision, and the parts of the memory bar.
import { describe, expect, test } from 'vitest';
import type { Event } from '../../server/contract/events.ts';
import { planWords } from '../../server/contract/guard-words.ts';
import { GuardPlan, type Hold, type HoldFacts } from '../../server/contract/guards.ts';
import { foretellRaise, foretellThaw, whyNoRaise } from './foretell.ts';
import { countdown, END_SHOWN_MS, heldGroups } from './held.ts';
import { kindsOf } from './kinds.ts';
import { guardWords, withoutGuard } from './own-limit.ts';
import { patternText } from './pattern-text.ts';
import { formOfPlan, newPlan, newStep, planFaults, planOf } from './plan-form.ts';

const MIB = 2 ** 20;
const NOW = 1_000_000;

const facts: HoldFacts = {
  time: NOW,
  state: 'frozen',
  usageBytes: 60 * MIB,
  lineBytes: 58 * MIB,
  limit: { value: 64 * MIB, group: '/web' },
  kinds: { anonBytes: 50 * MIB, fileBytes: 6 * MIB, shmemBytes: 2 * MIB, kernelBytes: 3 * MIB, slabBytes: MIB },
  bytesPerSec: 2 * MIB,
  secondsLeft: 2,
  processes: [],
  processCount: 1,
  machineBytes: 1024 * MIB,
};

const hold = (id: number, more: Partial<Extract<Event, { kind: 'hold' }>> = {}): Event => ({
  id,
  kind: 'hold',
  group: '/web',
  time: NOW + id,
  reason: 'line',
  pattern: '/web',
  facts,
  decidesAt: NOW + 300_000,
  ...more,
});

const decision = (id: number, of: number, outcome: 'continues' | 'held' | 'refused'): Event => ({
  id,
  kind: 'decision',
  group: '/web',
  time: NOW + id,
  hold: of,
  do: 'raise',
  outcome,
  sentence: 'Continues.',
  by: 'ann',
});

const listed = (id: number): Hold => ({
  id,
  group: '/web',
  pattern: '/web',
  reason: 'line',
  since: NOW + id,
  decidesAt: NOW + 300_000,
  next: 'kill the largest process',
  facts,
  suggestedBytes: 96 * MIB,
  tried: [],
});

describe('which groups are held', () => {
  test('an event opens it before the list arrives', () => {
    expect(heldGroups([hold(7)], { lastId: 5, holds: [] }, NOW)).toMatchObject([{ id: 7, suggestedBytes: 96 * MIB }]);
  });

  test('an old event that the list does not confirm does not', () => {
    expect(heldGroups([hold(7)], { lastId: 9, holds: [] }, NOW)).toEqual([]);
    expect(heldGroups([hold(7)], undefined, NOW)).toEqual([]);
  });

  test('the list adds the next step', () => {
    expect(heldGroups([hold(7)], { lastId: 9, holds: [listed(7)] }, NOW)).toMatchObject([{ id: 7, next: 'kill the largest process' }]);
  });

  test('two reports of one hold are one group, with the newer facts', () => {
    const frozen = hold(8, { replaces: 7, facts: { ...facts, usageBytes: 61 * MIB } });
    expect(heldGroups([hold(7), frozen], { lastId: 5, holds: [] }, NOW)).toMatchObject([{ id: 7, facts: { usageBytes: 61 * MIB } }]);
  });

  test('a decision ends it, whatever an older list has, and is shown for a while', () => {
    const events = [hold(7), decision(8, 7, 'continues')];
    expect(heldGroups(events, { lastId: 7, holds: [listed(7)] }, NOW + 1000)).toMatchObject([{ id: 7, end: { by: 'ann' } }]);
    expect(heldGroups(events, { lastId: 7, holds: [listed(7)] }, NOW + 1000 + END_SHOWN_MS)).toEqual([]);
  });

  test('what was refused, or left it held, was tried', () => {
    const events = [hold(7), decision(8, 7, 'refused'), decision(9, 7, 'held')];
    expect(heldGroups(events, { lastId: 5, holds: [] }, NOW)).toMatchObject([{ tried: [{ outcome: 'refused' }, { outcome: 'held' }] }]);
  });

  test('the oldest first', () => {
    const events = [hold(9, { group: '/b', time: NOW + 9 }), hold(7, { group: '/a', time: NOW + 7 })];
    expect(heldGroups(events, { lastId: 5, holds: [] }, NOW).map(({ group }) => group)).toEqual(['/a', '/b']);
  });
});

test('the clock', () => {
  expect([0, -5, 1, 61_000, 272_000, 3_723_000].map(countdown)).toEqual(['0:00', '0:00', '0:01', '1:01', '4:32', '1:02:03']);
});

describe('before a raise', () => {
  const held = { group: '/web', facts };

  test('room, and when it is full at the rate before', () => {
    expect(foretellRaise(held, 96 * MIB)).toEqual({
      tone: 'calm',
      sentence: 'It continues with 36.0 MiB of room, full in 18 s at the rate before, and is held again at its new line.',
    });
  });

  test('not above its limit', () => {
    expect(whyNoRaise(held, 64 * MIB)).toBe('Not above 64 MiB: choose more.');
    expect(whyNoRaise(held, 'max')).toBeUndefined();
  });

  test('a limit above it binds first', () => {
    const below = { ...held, facts: { ...facts, limit: { value: 64 * MIB, group: '/' } } };
    expect(foretellRaise(below, 96 * MIB).sentence).toContain('limits it first, at 64.0 MiB');
  });

  test('the machine has less', () => {
    expect(foretellRaise(held, 4096 * MIB)).toMatchObject({ tone: 'care' });
    expect(foretellRaise(held, 4096 * MIB).sentence).toContain('the machine has only 1.00 GiB left');
  });
});

test('before it goes on as it is', () => {
  expect(foretellThaw({ group: '/web', facts }).sentence).toContain('at 64.0 MiB the kernel kills');
});

test('the parts of the bar are the usage, each counted once', () => {
  const kinds = kindsOf(facts);
  expect(kinds.map(({ name, bytes }) => [name, bytes / MIB])).toEqual([
    ['Program memory', 50],
    ['Shared memory', 2],
    ['File cache', 4],
    ['Kernel', 2],
    ['Slab', 1],
    ['Other', 1],
  ]);
  expect(kinds.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(facts.usageBytes);
});

describe('the form of a plan', () => {
  const plan = GuardPlan.parse({
    line: '90%',
    thrashing: { percent: 30, seconds: 20 },
    growth: { seconds: 15 },
    machine: { priority: 10 },
    deadlineSeconds: 60,
    steps: [{ do: 'raise', percent: 50, upTo: '1G', times: 2 }, { do: 'killLargest' }],
    finally: 'kill',
  });

  test('and back is the plan', () => {
    expect(planOf(formOfPlan(plan))).toEqual(plan);
  });

  test('in words', () => {
    expect(planWords(GuardPlan.parse({ line: '90%', steps: plan.steps }))).toBe(
      'Held at 90 % of its limit. After 5 min without a decision: raise the limit by 50 %, to at most 1.00 GiB, 2 times; else kill the largest process; else let it continue without the guard.',
    );
    expect(planWords(plan)).toContain('or when the machine runs short (priority 10)');
  });

  test.each([
    ['line', { line: '5%' }],
    ['line', { line: 'much' }],
    ['line', { line: '' }],
    ['deadline', { deadline: '-1' }],
    ['deadline', { deadline: '' }],
    ['steps', { steps: [{ ...newStep('raise', []), upTo: 'max' }] }],
    ['growthSeconds', { growthSeconds: '0' }],
  ] as const)('a fault in %s', (field, change) => {
    expect(Object.keys(planFaults({ ...newPlan, ...change }))).toEqual([field]);
    expect(planOf({ ...newPlan, ...change })).toBeUndefined();
  });

  test('a new step has a number of its own', () => {
    const first = newStep('raise', []);
    expect(newStep('kill', [first]).id).not.toBe(first.id);
  });
});

describe('the limit of a guarded group', () => {
  const guarded = { group: '/web', pattern: '/web', state: 'armed', lineBytes: 58 * MIB, ownLimit: 64 * MIB } as const;
  const readings = { 'memory.limit_in_bytes': 58 * MIB };

  test('is its own on v1, where the kernel’s file has the line', () => {
    expect(withoutGuard(readings, guarded, 1)).toEqual({ 'memory.limit_in_bytes': 64 * MIB });
    expect(guardWords(guarded, 64 * MIB)).toBe('The guard stops it at 58.0 MiB; its limit is 64 MiB.');
  });

  test('is what another program wrote', () => {
    const written = { 'memory.limit_in_bytes': 100 * MIB };
    expect(withoutGuard(written, guarded, 1)).toEqual(written);
  });
});

test('the pattern of one group', () => {
  expect(patternText('/system.slice/a@b.service')).toBe('/system.slice/a@b.service');
  expect(patternText('/a[1]*')).toBe('/a\\[1\\]\\*');
});
