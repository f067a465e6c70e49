// Warnings before a limit is met: once for an approach, for the group that grows, and never for one that does not.
import { beforeEach, describe, expect, it } from 'vitest';
import type { NewEvent } from '../../contract/events.ts';
import { testFrame } from '../../contract/fixtures/test-frame.ts';
import type { Change } from '../../contract/frame.ts';
import { GroupMirror } from '../../contract/mirror.ts';
import { Forecasts } from './forecasts.ts';

const MIB = 2 ** 20;

/** Groups with a limit each, whose usage the test gives tick by tick. */
class Machine {
  readonly mirror = new GroupMirror();
  readonly events: NewEvent[] = [];
  readonly forecasts: Forecasts;
  #seq = 0;
  #monoMs = 0;
  readonly #gids = new Map<string, number>();

  constructor(thresholdSec = 60) {
    this.forecasts = new Forecasts({ thresholdSec, mirror: this.mirror, report: (event) => this.events.push(event) });
  }

  /** @param readings by group: a number is its memory.current */
  tick(readings: Readonly<Record<string, number | Readonly<Record<string, number>>>>): void {
    const changes: Change[] = [];
    const groups: string[] = [];
    for (const [path, now] of Object.entries(readings)) {
      if (!this.#gids.has(path)) groups.push(path);
      const gid = this.#gids.get(path) ?? this.#gids.size + 1;
      this.#gids.set(path, gid);
      const all = typeof now === 'number' ? { 'memory.current': now } : now;
      for (const [key, value] of Object.entries(all)) {
        if (this.mirror.groups.get(gid)?.readings[key] !== value) changes.push([gid, key, value]);
      }
    }
    const entries = groups.map((path) => ({
      ...{ gid: this.#gids.get(path) ?? 0, path, inode: 1, managed: true, self: false },
      controllers: ['memory@v2'],
    }));
    this.#monoMs += 1000;
    this.mirror.apply(testFrame({ seq: ++this.#seq, full: this.#seq === 1, groups: entries, changes, monoMs: this.#monoMs }));
    this.forecasts.ticked(changes, this.#monoMs);
  }

  /** Ticks with usage by second. */
  run(seconds: number, of: (second: number) => Parameters<Machine['tick']>[0]): void {
    for (let i = 0; i < seconds; i++) this.tick(of(i));
  }
}

describe('Forecasts', () => {
  let machine: Machine;

  beforeEach(() => {
    machine = new Machine();
    machine.tick({ '/a': { 'memory.max': 1000 * MIB }, '/a/b': {} });
  });

  it('warns once, of the group that grows and not of those above it', () => {
    machine.run(40, (i) => ({ '/a': (200 + i * 10) * MIB, '/a/b': (100 + i * 10) * MIB }));
    expect(machine.events).toEqual([
      expect.objectContaining({ kind: 'forecast', group: '/a/b', limitGroup: '/a', file: 'memory.max', bytesPerSec: 10 * MIB }),
    ]);
    const [event] = machine.events;
    if (event?.kind !== 'forecast') throw new Error('no forecast');
    expect(event.secondsLeft).toBeLessThanOrEqual(60);
    expect(event.secondsLeft).toBeCloseTo(event.headroomBytes / event.bytesPerSec, 1);
  });

  it('warns of a group whose many groups below it each grow a little', () => {
    const below = Array.from({ length: 8 }, (_, i) => `/a/${i}`);
    machine.run(40, (i) => ({ '/a': (200 + i * 16) * MIB, ...Object.fromEntries(below.map((path) => [path, (10 + i * 2) * MIB])) }));
    expect(machine.events.map(({ group }) => group)).toEqual(['/a']);
  });

  it('does not warn of a group that is steady, that is far from its limit, or that just began', () => {
    machine.run(100, (i) => ({ '/a': (900 + (i % 7)) * MIB }));
    machine.run(60, (i) => ({ '/a': (100 + i) * MIB }));
    machine.tick({ '/new': { 'memory.max': 100 * MIB } });
    machine.run(9, (i) => ({ '/new': i * 10 * MIB }));
    expect(machine.events).toEqual([]);
  });

  it('does not warn of a frozen group', () => {
    machine.tick({ '/a': { 'cgroup.events:frozen': 1 } });
    machine.run(60, (i) => ({ '/a': (400 + i * 10) * MIB }));
    expect(machine.events).toEqual([]);
  });

  it('warns again after the growth has ended, and not while it goes on or falters', () => {
    const grow = (i: number) => ({ '/a': (300 + Math.min(i, 40) * 10 + (i % 2)) * MIB });
    machine.run(41, grow);
    expect(machine.events).toHaveLength(1);
    machine.run(80, () => ({ '/a': 300 * MIB }));
    machine.run(41, grow);
    expect(machine.events).toHaveLength(2);
  });

  it('warns again after the limit was raised by far', () => {
    machine.run(50, (i) => ({ '/a': (300 + i * 10) * MIB }));
    machine.tick({ '/a': { 'memory.max': 4000 * MIB } });
    machine.run(30, (i) => ({ '/a': (800 + i * 10) * MIB }));
    machine.tick({ '/a': { 'memory.max': 1500 * MIB } });
    machine.run(10, (i) => ({ '/a': (1110 + i * 10) * MIB }));
    expect(machine.events).toHaveLength(2);
  });

  it('warns of the machine’s memory', () => {
    const total = 16_000 * MIB;
    machine.run(40, (i) => ({ '/': { 'meminfo:MemTotal': total, 'meminfo:MemAvailable': total / 10 - i * 32 * MIB } }));
    expect(machine.events).toEqual([expect.objectContaining({ group: '/', limitGroup: '/' })]);
    expect(machine.events[0]).not.toHaveProperty('file');
  });

  it('reports at most ten a second, and the others later', () => {
    const groups = Array.from({ length: 25 }, (_, i) => `/many${i}`);
    const at = (of: (group: string) => number | { readonly 'memory.max': number }) =>
      Object.fromEntries(groups.map((group) => [group, of(group)]));
    machine.tick(at(() => ({ 'memory.max': 500 * MIB })));
    const counts: number[] = [];
    machine.run(20, (i) => {
      counts.push(machine.events.length);
      return at(() => i * 10 * MIB);
    });
    counts.push(machine.events.length);
    const inTick = counts.slice(1).map((count, i) => count - (counts[i] ?? 0));
    expect(Math.max(...inTick)).toBe(10);
    expect(new Set(machine.events.map(({ group }) => group)).size).toBe(25);
    expect(machine.events).toHaveLength(25);
  });

  it('warns of nothing with a threshold of 0, and still knows what is ahead', () => {
    machine = new Machine(0);
    machine.tick({ '/a': { 'memory.max': 1000 * MIB } });
    machine.run(40, (i) => ({ '/a': (500 + i * 10) * MIB }));
    expect(machine.events).toEqual([]);
    expect(machine.forecasts.of('/a')).toMatchObject({ limitGroup: '/a', bytesPerSec: 10 * MIB });
  });

  it('forgets a group that is removed', () => {
    machine.run(40, (i) => ({ '/a': (200 + i * 10) * MIB }));
    machine.mirror.apply(testFrame({ seq: (machine.mirror.head?.seq ?? 0) + 1, removed: [1] }));
    machine.forecasts.ticked([], 1e6);
    expect(machine.forecasts.of('/a')).toBeUndefined();
  });
});
