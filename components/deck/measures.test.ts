// What the deck computes from readings: the binding limit, near its limit, sorting, and the scale.
import { describe, expect, it } from 'vitest';
import type { Readings } from '../../server/contract/readings.ts';
import { quantityText } from '../../server/contract/units.ts';
import { entry, unifiedEntry } from '../live/fixtures/frames.ts';
import { advance, Spark } from '../live/group-live.ts';
import { Troubles } from '../live/trouble.ts';
import { attentions, attentionWords, countAttention } from './attention.ts';
import { columnWords, compare, firstDirection } from './columns.ts';
import { type Around, type Measures, measure, nearLimit, sameMeasures, tightestLimit } from './measures.ts';
import { scaleTicks, shareOf } from './memory-scale.ts';
import { freezerText, killQuestion, timeLeft } from './words.ts';

const MIB = 2 ** 20;

function group(usage: number, limit: number | 'max', more: Readings = {}): Readings {
  return { 'memory.usage_in_bytes': usage, 'memory.limit_in_bytes': limit, ...more };
}

function measuresIn(all: Record<string, Readings>, path: string, growing: Record<string, number> = {}, hold?: Around['hold']): Measures {
  const live = advance(undefined, entry(1, path), all[path] ?? {}, { monoMs: 0, timeMs: 0 });
  return measure(live, {
    readingsOf: (at) => all[at],
    spark: new Spark(),
    growthOf: (at) => growing[at],
    trouble: new Troubles().of(path),
    hold,
    nowMs: 0,
  });
}

describe('tightestLimit', () => {
  it('is the limit with the least room, not the lowest', () => {
    const all: Record<string, Readings> = { '/': group(9000, 'max'), '/a': group(990, 1000), '/a/b': group(100, 500) };
    expect(tightestLimit('/a/b', (path) => all[path])).toEqual({ group: '/a', headroomBytes: 10 });
    expect(measuresIn(all, '/a/b').effective).toEqual({ value: 500, group: '/a/b' });
  });

  it('is none where nothing limits, and never negative', () => {
    expect(tightestLimit('/a', () => group(1, 'max'))).toBeUndefined();
    expect(tightestLimit('/a', () => group(20, 10))?.headroomBytes).toBe(0);
  });
});

describe('measure', () => {
  it('is near its limit with less than a tenth left', () => {
    expect(nearLimit(measuresIn({ '/a': group(91, 100) }, '/a'))).toBe(true);
    expect(nearLimit(measuresIn({ '/a': group(90, 100) }, '/a'))).toBe(false);
    expect(nearLimit(measuresIn({ '/a': group(90, 'max') }, '/a'))).toBe(false);
  });

  it('has undefined for what the kernel does not report', () => {
    const measures = measuresIn({ '/a': {} }, '/a');
    expect([measures.usageBytes, measures.headroomBytes, measures.cpuPercent, measures.tasks, measures.psiMemory]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('has the machine’s available memory as its headroom', () => {
    const machine = {
      'meminfo:MemTotal': 1000,
      'meminfo:MemAvailable': 300,
      'memory.usage_in_bytes': 990,
      'memory.limit_in_bytes': 'max',
    } as const;
    expect(measuresIn({ '/': machine }, '/', { '/': 2 })).toMatchObject({ headroomBytes: 300, fullInSec: 150, fullGroup: '/' });
  });

  it('shows seconds up to two minutes, then minutes and hours', () => {
    expect([0, 42, 115, 120, 3600, 7200].map((sec) => quantityText(timeLeft(sec)))).toEqual([
      '0 s',
      '42 s',
      '115 s',
      '2 min',
      '60 min',
      '2 h',
    ]);
  });

  it('is the same while nothing in it changed', () => {
    const all = { '/a': group(1, 2) };
    expect(sameMeasures(measuresIn(all, '/a'), measuresIn(all, '/a'))).toBe(true);
    expect(sameMeasures(measuresIn(all, '/a'), measuresIn({ '/a': group(1, 3) }, '/a'))).toBe(false);
  });

  it('counts groups that need attention', () => {
    const all = {
      '/a': group(99, 100, { 'memory.oom_control:under_oom': 1 }),
      '/b': group(1, 100, { 'freezer.state': 'FREEZING' }),
      '/c': group(1, 100),
    };
    expect(countAttention(Object.keys(all).map((path) => measuresIn(all, path)))).toEqual({
      held: 0,
      oom: 1,
      pressure: 0,
      near: 1,
      frozen: 1,
    });
  });
});

describe('on v2', () => {
  const all: Record<string, Readings> = {
    '/': { 'memory.current': 5000 },
    '/a': { 'memory.current': 990, 'memory.max': 1000, 'memory.high': 'max' },
    '/a/b': {
      'memory.current': 100,
      'memory.max': 500,
      'memory.high': 80,
      'memory.low': 40,
      'memory.peak': 120,
      'memory.events.local:max': 7,
      'memory.events:max': 9,
      'pids.current': 3,
      'pids.max': 'max',
      'cgroup.freeze': 1,
    },
  };
  const measures = measure(advance(undefined, unifiedEntry(1, '/a/b'), all['/a/b'] ?? {}, { monoMs: 0, timeMs: 0 }), {
    readingsOf: (at) => all[at],
    spark: new Spark(),
    growthOf: () => undefined,
    trouble: new Troubles().of('/a/b'),
    hold: undefined,
    nowMs: 0,
  });

  it('has the same values from v2’s files, and counts hits of the group’s own limit', () => {
    expect(measures).toMatchObject({
      usageBytes: 100,
      hardBytes: 500,
      softBytes: 80,
      protectedBytes: 40,
      peakBytes: 120,
      limitHits: 7,
      tasks: 3,
      bindingGroup: '/a',
      headroomBytes: 10,
      effective: { value: 500, group: '/a/b' },
      underOom: false,
      freezer: 2,
      state: 'freezing',
    });
  });

  it('names the kernel’s own files in the heads of the columns', () => {
    expect(columnWords('memory', 2).help).toMatch(/^memory\.current: /);
    expect(columnWords('memory', 1).help).toMatch(/^memory\.usage_in_bytes: /);
    expect(columnWords('failcnt', 2)).toMatchObject({ label: 'Hits', help: expect.stringMatching(/^memory\.events\.local, line max: /) });
    expect(columnWords('failcnt', 1)).toMatchObject({ label: 'Hits', help: expect.stringMatching(/^memory\.failcnt: /) });
  });

  it('has each version’s word for frozen, and what SIGKILL does then', () => {
    expect(freezerText('frozen', 1)).toBe('The kernel reports FROZEN');
    expect(freezerText('thawed', 2)).toBe('The kernel reports cgroup.events frozen 0');
    expect(killQuestion([measures]).body).toContain('without running again');
    expect(killQuestion([{ ...measures, freezer: 1 }]).body).toContain('thawed');
    expect(killQuestion([{ ...measures, state: 'thawed' }]).body).not.toContain('rozen');
  });
});

describe('compare', () => {
  const all: Record<string, Readings> = { '/a2': group(10, 'max'), '/a10': group(30, 'max'), '/b': {}, '/c': group(20, 100) };
  const measuresOf = (path: string) => measuresIn(all, path);
  const sorted = (by: Parameters<typeof compare>[0]['by'], descending: boolean) =>
    Object.keys(all).sort(compare({ by, descending }, measuresOf));

  it('sorts numbers, with unknown values last in either direction', () => {
    expect(sorted('memory', true)).toEqual(['/a10', '/c', '/a2', '/b']);
    expect(sorted('memory', false)).toEqual(['/a2', '/c', '/a10', '/b']);
    expect(sorted('headroom', false)[0]).toBe('/c');
  });

  it('sorts by the time until a limit is met, with groups that do not grow last in either direction', () => {
    const room: Record<string, Readings> = { '/a': group(0, 900), '/b': group(0, 300), '/c': group(0, 100), '/still': group(0, 10) };
    const growing: Record<string, number> = { '/a': 10, '/b': 10, '/c': 1 };
    const times = (path: string) => measuresIn(room, path, growing);
    const byTime = (descending: boolean) => Object.keys(room).sort(compare({ by: 'full', descending }, times));
    expect(byTime(false)).toEqual(['/b', '/a', '/c', '/still']);
    expect(byTime(true)).toEqual(['/c', '/a', '/b', '/still']);
    expect([times('/a').fullInSec, times('/still').fullInSec]).toEqual([90, undefined]);
    expect(firstDirection('full')).toBe(false);
  });

  it('sorts numbers in names by value', () => {
    expect(sorted('name', false)).toEqual(['/a2', '/a10', '/b', '/c']);
    expect(sorted('name', true)).toEqual(['/c', '/b', '/a10', '/a2']);
  });
});

describe('the memory scale', () => {
  const machine = 24 * 2 ** 30;

  it('gives every doubling the same width, from 1 MiB to the machine’s memory', () => {
    const width = (bytes: number) => shareOf(2 * bytes, machine) - shareOf(bytes, machine);
    expect(width(4 * MIB)).toBeCloseTo(width(1024 * MIB), 10);
    expect(shareOf(machine, machine)).toBe(1);
    expect(shareOf(2 * machine, machine)).toBe(1);
  });

  it('shows a little as a sliver, and nothing for 0', () => {
    expect(shareOf(0, machine)).toBe(0);
    expect(shareOf(4096, machine)).toBeGreaterThan(0);
    expect(shareOf(4096, machine)).toBeLessThan(shareOf(MIB, machine));
  });

  it('has ticks that leave the end free', () => {
    expect(scaleTicks(machine).map(({ bytes }) => bytes / MIB)).toEqual([1, 32, 1024]);
    expect(scaleTicks(1024 * MIB).map(({ bytes }) => bytes / MIB)).toEqual([1, 32]);
  });
});

describe('a group that its guard holds', () => {
  // As v1 has it: the limit is at the line, and the killer is off.
  const all = { '/': group(9000, 'max'), '/a': group(1000, 1000, { 'memory.oom_control:under_oom': 1 }), '/a/b': group(900, 'max') };
  const hold = { group: '/a', decidesAt: 4200 };

  it('has the time until it is decided, and is neither out of memory nor near its limit', () => {
    const measures = measuresIn(all, '/a', {}, hold);
    expect(measures).toMatchObject({ held: 'itself', decidesInSec: 5, underOom: false });
    expect(attentions.filter((attention) => attentionWords[attention].deserves(measures))).toEqual(['held']);
    expect(measuresIn(all, '/a')).toMatchObject({ held: undefined, underOom: true });
  });

  it('stops the groups below it, which are not counted', () => {
    expect(measuresIn(all, '/a/b', {}, hold)).toMatchObject({ held: 'above', decidesInSec: undefined });
    expect(attentionWords.held.deserves(measuresIn(all, '/a/b', {}, hold))).toBe(false);
  });

  it('comes first by the time left: the one that is decided soonest', () => {
    const of: Record<string, Measures> = {
      '/soon': measuresIn(all, '/a', {}, hold),
      '/later': measuresIn(all, '/a', {}, { ...hold, decidesAt: 90_000 }),
      '/growing': measuresIn({ ...all, '/a': group(900, 1000) }, '/a', { '/a': 50 }),
    };
    const sorted = ['/growing', '/later', '/soon'].sort(compare({ by: 'full', descending: false }, (path) => of[path]));
    expect(sorted).toEqual(['/soon', '/later', '/growing']);
  });
});
