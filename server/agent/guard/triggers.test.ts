// Thrashing by the kernel's measure or by limit hits, and the order in which a machine short of memory has groups held and continued.
import { expect, test } from 'vitest';
import { GuardPlan, type GuardPlan as Plan } from '../../contract/guards.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { MachineMemory } from './machine-shortage.ts';
import { Thrashing } from './thrashing.ts';
import { Triggers } from './triggers.ts';

const GIB = 2 ** 30;
const threshold = { percent: 20, seconds: 3 };

function thrashes(samples: readonly Parameters<Thrashing['add']>[0][]): boolean[] {
  const thrashing = new Thrashing();
  return samples.map((sample, i) => thrashing.add(sample, threshold, i * 1000));
}

test('all tasks waited for a fifth of three seconds', () => {
  expect(thrashes([0, 200_000, 400_000, 600_000, 800_000].map((stalledUsec) => ({ stalledUsec })))).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
  expect(thrashes([0, 100_000, 200_000, 300_000, 400_000].map((stalledUsec) => ({ stalledUsec })))).toEqual(Array(5).fill(false));
  // A moment of it is none.
  expect(thrashes([0, 500_000, 500_000, 500_000, 500_000].map((stalledUsec) => ({ stalledUsec })))).toEqual(Array(5).fill(false));
});

test('without that measure: the limit is hit, and pages are read again, in each second', () => {
  const steady = [0, 1, 2, 3, 4].map((i) => ({ limitHits: i * 40, rereadPages: i * 400 }));
  expect(thrashes(steady)).toEqual([false, false, false, true, true]);
  expect(thrashes(steady.map((sample, i) => (i === 2 ? { ...sample, limitHits: 40 } : sample)))).toEqual(Array(5).fill(false));
  expect(thrashes(steady.map(({ limitHits }) => ({ limitHits, rereadPages: 0 })))).toEqual(Array(5).fill(false));
  // Hits that the kernel does not count.
  expect(thrashes(steady.map(({ rereadPages }) => ({ isFull: true, rereadPages })))).toEqual([false, false, false, true, true]);
});

const machinePlan = (priority: number) => GuardPlan.parse({ machine: { priority } });

class Machine {
  memory: MachineMemory = { totalBytes: 8 * GIB, availableBytes: 4 * GIB, swapFreeBytes: 0, stallPercent: 0 };
  usage: Record<string, number> = {};
  secondsLeft: number | undefined;
  #nowMs = 0;
  readonly #triggers = new Triggers({
    layout: { unified: undefined } as unknown as Layout,
    readings: (group) => ({ 'memory.current': this.usage[group] ?? 0 }),
    machine: () => this.memory,
    secondsLeft: () => this.secondsLeft,
  });

  look(armed: Record<string, Plan>, held: Record<string, number> = {}) {
    this.#nowMs += 1000;
    return this.#triggers.look(
      Object.entries(armed).map(([group, plan]) => ({ group, plan })),
      Object.entries(held).map(([group, sinceMonoMs]) => ({ group, sinceMonoMs, reason: 'machine' as const })),
      this.#nowMs,
    );
  }
}

test('short of memory: one group a second, the lowest priority first, then the one that grows most', () => {
  const machine = new Machine();
  const armed = { '/db': machinePlan(90), '/batch': machinePlan(10), '/leak': machinePlan(10), '/plain': GuardPlan.parse({ line: '90%' }) };
  machine.usage = { '/db': 3 * GIB, '/batch': 2 * GIB, '/leak': GIB };
  expect(machine.look(armed).hold).toEqual([]);
  machine.usage['/leak'] = 1.5 * GIB;
  machine.memory = { ...machine.memory, availableBytes: 0.2 * GIB };
  expect(machine.look(armed).hold).toEqual([{ group: '/leak', reason: 'machine' }]);
  const { '/leak': _, ...others } = armed;
  expect(machine.look(others, { '/leak': 1 }).hold).toEqual([{ group: '/batch', reason: 'machine' }]);
});

test('short by waiting alone, with memory that is counted as available', () => {
  const machine = new Machine();
  machine.memory = { ...machine.memory, stallPercent: 40 };
  expect(machine.look({ '/a': machinePlan(50) }).hold).toHaveLength(1);
});

test('recovered for ten seconds: they continue one by one, oldest first; not while it is only a little better', () => {
  const machine = new Machine();
  machine.memory = { ...machine.memory, availableBytes: 0.6 * GIB };
  for (let i = 0; i < 20; i++) expect(machine.look({}, { '/a': 5, '/b': 3 }).thaw).toBeUndefined();
  machine.memory = { ...machine.memory, availableBytes: 2 * GIB };
  const thawed = Array.from({ length: 11 }, () => machine.look({}, { '/a': 5, '/b': 3 }).thaw);
  expect(thawed.slice(0, 10)).toEqual(Array(10).fill(undefined));
  expect(thawed[10]).toBe('/b');
  expect(machine.look({}, { '/a': 5 }).thaw).toBe('/a');
});

test('it will meet its limit within the time', () => {
  const machine = new Machine();
  const armed = { '/a': GuardPlan.parse({ growth: { seconds: 30 } }) };
  expect(machine.look(armed).hold).toEqual([]);
  machine.secondsLeft = 31;
  expect(machine.look(armed).hold).toEqual([]);
  machine.secondsLeft = 12;
  expect(machine.look(armed).hold).toEqual([{ group: '/a', reason: 'growth' }]);
});
