// The charts’ readings in each version, the history they need, and the text of an empty one.
import { describe, expect, it } from 'vitest';
import type { Controller } from '../../../server/contract/controller.ts';
import { hasHistory } from '../../../server/contract/readings.ts';
import { rowsOf } from '../../charts/series.ts';
import { absentReason, type ChartSpec, groupCharts, historyKeys } from './group-series.ts';

function chartsOn(versionOf: (controller: Controller) => 1 | 2, cpus: readonly number[] = [0, 1]): readonly ChartSpec[] {
  return groupCharts({ cpus, routed: false, versionOf });
}

function chart(charts: readonly ChartSpec[], id: string): ChartSpec {
  const found = charts.find((one) => one.id === id);
  if (!found) throw new Error(`There is no chart ${id}.`);
  return found;
}

const v1 = chartsOn(() => 1);
const v2 = chartsOn(() => 2);

describe.each([
  ['v1', v1],
  ['v2', v2],
  ['v1 with many CPUs', chartsOn(() => 1, [...Array(64).keys()])],
])('on %s', (_, charts) => {
  it('needs only readings that are kept', () => {
    const keys = historyKeys(charts).filter((key) => key !== 'cgroup.events:frozen' && key !== 'freezer.state');
    expect(keys.filter((key) => !hasHistory(key))).toEqual([]);
    expect(keys).not.toContain('');
    expect(historyKeys(charts)).toEqual(expect.arrayContaining(['freezer.state', 'cgroup.events:frozen']));
  });
});

describe('series', () => {
  it('use the version’s names', () => {
    const keys = (charts: readonly ChartSpec[], id: string) => chart(charts, id).series.map(({ reading }) => reading);
    expect(keys(v2, 'memory')).toEqual(['memory.current', 'memory.peak', 'memory.high', 'memory.max']);
    expect(keys(v2, 'io')).toEqual(['io.stat:rbytes', 'io.stat:wbytes']);
    expect(keys(v2, 'held')).toEqual(['memory.events.local:max', 'memory.events.local:high', 'cpu.stat:nr_throttled']);
    expect(keys(v1, 'held')).toEqual(['memory.failcnt', 'memory.memsw.failcnt', 'cpu.stat:nr_throttled']);
    expect(keys(v1, 'cpu')).toContain('cpuacct.usage_percpu:1');
    expect(keys(v2, 'cpu')).toEqual(['cpu.stat:usage_usec', 'cpu.max:quota', 'cpu.stat:user_usec', 'cpu.stat:system_usec']);
  });

  it('show the same CPU time as the same percentage', () => {
    const rows = rowsOf(
      [
        { timeMs: 0, 'cpuacct.usage': 0, 'cpu.stat:usage_usec': 0, 'cpu.max:quota': 150_000, 'cpu.max:period': 100_000 },
        { timeMs: 1000, 'cpuacct.usage': 5e8, 'cpu.stat:usage_usec': 5e5, 'cpu.max:quota': 'max', 'cpu.max:period': 100_000 },
      ],
      [
        ...chart(v1, 'cpu')
          .series.slice(0, 1)
          .map((spec) => ({ ...spec, id: 'one' })),
        ...chart(v2, 'cpu').series.slice(0, 2),
      ],
    );
    expect(rows[1]?.one).toBeCloseTo(50, 6);
    expect(rows[1]?.cpu).toBeCloseTo(50, 6);
    expect(rows.map(({ quota }) => quota)).toEqual([150, null]);
  });

  it('are of the version that has the controller, where both are mounted', () => {
    const hybrid = chartsOn((controller) => (controller === 'io' ? 2 : 1));
    expect(chart(hybrid, 'io').series[0]?.reading).toBe('io.stat:rbytes');
    expect(chart(hybrid, 'memory').series[0]?.reading).toBe('memory.usage_in_bytes');
  });
});

describe('absentReason', () => {
  const bare = { path: '/a/b', controllers: ['unified', 'cpu', 'pids'] };

  it('names the group that has to enable the controller, or that the group is threaded', () => {
    expect(absentReason(chart(v2, 'memory'), bare)).toContain('cgroup.subtree_control of /a');
    expect(absentReason(chart(v2, 'memory'), bare, 'threaded')).toContain('threaded');
    expect(absentReason(chart(v2, 'pids'), bare, 'threaded')).toBeUndefined();
  });

  it('a group without the cpu controller still has its CPU time on v2', () => {
    expect(absentReason(chart(v2, 'cpu'), { path: '/a', controllers: ['unified'] })).toBeUndefined();
  });

  it('names the hierarchy on v1, and the unified one for pressure', () => {
    expect(absentReason(chart(v1, 'memory'), { path: '/a', controllers: ['pids'] })).toBe('This group is not in the memory hierarchy.');
    expect(absentReason(chart(v1, 'pressure'), { path: '/a', controllers: ['memory'] })).toBe(
      'This group is not in the unified hierarchy.',
    );
  });

  it('the root group has no readings of its own', () => {
    expect(absentReason(chart(v2, 'memory'), { path: '/', controllers: ['unified', 'memory'] })).toContain('root group');
  });
});
