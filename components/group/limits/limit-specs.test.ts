// The fields beside the rail in each version: file, written value, hint.
import { describe, expect, it } from 'vitest';
import type { Readings } from '../../../server/contract/readings.ts';
import { type DiskLimit, diskLimits, diskLimitText, disksOf, parsePerSec, perSecText } from './disk-limit.ts';
import { type LimitSpec, limitSpecs } from './limit-specs.ts';

const cpus = { list: '0-3', of: 'this machine' };

function specOf(label: string, version: 1 | 2, readings: Readings = {}): LimitSpec {
  const spec = limitSpecs({ readings, cpus, versionOf: () => version }).find((one) => one.label === label);
  if (!spec) throw new Error(`There is no field ${label}.`);
  return spec;
}

describe('fields', () => {
  it('are those that the version has', () => {
    const files = (version: 1 | 2) => limitSpecs({ readings: {}, cpus, versionOf: () => version }).map(({ file }) => file);
    expect(files(1)).toEqual(['cpu.cfs_quota_us', 'cpu.shares', 'cpuset.cpus', 'pids.max', 'memory.memsw.limit_in_bytes']);
    expect(files(2)).toEqual(['cpu.max', 'cpu.weight', 'cpuset.cpus', 'pids.max', 'memory.swap.max', 'memory.low']);
  });

  it('use the version that has the controller', () => {
    const specs = limitSpecs({ readings: {}, cpus, versionOf: (controller) => (controller === 'cpu' ? 2 : 1) });
    expect(specs.map(({ file }) => file)).toEqual(['cpu.max', 'cpu.weight', 'cpuset.cpus', 'pids.max', 'memory.memsw.limit_in_bytes']);
  });
});

describe('the quota', () => {
  const v2 = { 'cpu.max:quota': 50_000, 'cpu.max:period': 100_000 };

  it('is the same number of CPUs in either spelling', () => {
    const one = specOf('CPU quota', 1, { 'cpu.cfs_quota_us': 50_000, 'cpu.cfs_period_us': 100_000 });
    const other = specOf('CPU quota', 2, v2);
    expect([one.toInput(50_000), other.toInput(50_000)]).toEqual(['0.5', '0.5']);
    expect([one.parse('1.5'), other.parse('1.5')]).toEqual([{ value: '150000' }, { value: '150000' }]);
    expect([one.parse('max'), other.parse('max')]).toEqual([{ value: '-1' }, { value: 'max' }]);
    expect(other.parse('two')).toHaveProperty('fault');
  });

  it('is the first word of cpu.max', () => {
    const { ofText, toInput, key } = specOf('CPU quota', 2, v2);
    expect(key).toBe('cpu.max:quota');
    expect(ofText?.('150000 100000')).toBe('150000');
    expect(toInput(ofText?.('max 100000') ?? '')).toBe('max');
  });
});

describe('the protection', () => {
  const cautionOf = (low: number | 'max', bytes?: number) => {
    const protectedAbove = bytes === undefined ? undefined : { bytes, group: '/above' };
    const specs = limitSpecs({ readings: { 'memory.low': low }, cpus, versionOf: () => 2, protectedAbove });
    return specs.find(({ file }) => file === 'memory.low')?.caution;
  };

  it('has effect only as far as the groups above are protected', () => {
    expect([cautionOf(100), cautionOf('max'), cautionOf(100, 100), cautionOf(0, 0)]).toEqual([undefined, undefined, undefined, undefined]);
    expect(cautionOf(2 ** 30, 2 ** 20)).toBe('Only 1.00 MiB has effect: /above has no more protection.');
    expect(cautionOf('max', 0)).toBe('No effect: /above has no protection.');
  });
});

describe('the weight', () => {
  it('has each version’s own scale', () => {
    expect(specOf('CPU weight', 1, { 'cpu.shares': 2048 }).hint).toContain('×2 of the default 1024');
    expect(specOf('CPU weight', 2, { 'cpu.weight': 50 }).hint).toContain('×0.5 of the default 100');
    expect(specOf('CPU weight', 2).parse('x')).toEqual({ fault: 'Enter a whole number from 1 to 10000; the default is 100.' });
  });
});

describe('the CPUs', () => {
  it('may be empty on v2, which means the parent’s', () => {
    expect(specOf('CPUs allowed', 2).parse(' ')).toEqual({ value: '' });
    expect(specOf('CPUs allowed', 1).parse(' ')).toHaveProperty('fault');
    expect(specOf('CPUs allowed', 2, { 'cpuset.cpus': '', 'cpuset.cpus.effective': '0-3' }).hint).toBe(
      'Empty: the parent’s CPUs, now 0-3.',
    );
    expect(specOf('CPUs allowed', 1, { 'cpuset.cpus': '' }).hint).toBe('Empty: no task can join this group.');
  });

  it('show when other CPUs are in force than were asked for', () => {
    expect(specOf('CPUs allowed', 2, { 'cpuset.cpus': '0-3', 'cpuset.cpus.effective': '0-1' }).hint).toBe(
      'All 4 of this machine; 0-1 are in force.',
    );
    expect(specOf('CPUs allowed', 2, { 'cpuset.cpus': '0-1', 'cpuset.cpus.effective': '0-1' }).hint).toBe('2 of this machine’s 4.');
  });
});

describe('disks', () => {
  it('come from io.stat, limits from io.max', () => {
    expect(disksOf('8:0 rbytes=1 wbytes=2\n254:16 rbytes=0 wbytes=0\n')).toEqual(['8:0', '254:16']);
    expect(disksOf('')).toEqual([]);
    const readings = { 'io.max:254:16 rbps': 'max', 'io.max:254:16 wbps': 1_048_576, 'io.max:8:0 riops': 500, 'io.stat:rbytes': 1 };
    expect(diskLimits(readings)).toEqual([
      { disk: '8:0', kind: 'riops', perSec: 500 },
      { disk: '254:16', kind: 'wbps', perSec: 1_048_576 },
    ]);
  });

  it('are typed as sizes, and written as the kernel takes them', () => {
    expect(parsePerSec('10M')).toEqual({ perSec: 10_485_760 });
    expect(parsePerSec('500 /s')).toEqual({ perSec: 500 });
    expect(parsePerSec('max')).toEqual({ perSec: 'max' });
    for (const bad of ['', '0', '-5', 'ten']) expect(parsePerSec(bad)).toHaveProperty('fault');
    expect(diskLimitText('8:0', 'riops', 'max')).toBe('8:0 riops=max');
  });

  it('are read with their unit', () => {
    const text = (part: Pick<DiskLimit, 'kind' | 'perSec'>) => perSecText(part);
    expect(text({ kind: 'wbps', perSec: 10 * 2 ** 20 })).toBe('10.0 MiB/s');
    expect(text({ kind: 'riops', perSec: 500 })).toBe('500 /s');
  });
});
