// Quota and CPU lists: from typed text to the kernel’s form, and back.
import { describe, expect, it } from 'vitest';
import { cpusToChoose, parseCpuList } from './cpu-list.ts';
import { cpusOfQuota, cpusText, parseQuota, quotaOfCpus } from './quota.ts';

describe('quota', () => {
  it('turns CPUs into microseconds and back', () => {
    for (const cpus of [0.01, 0.5, 1, 1.5, 7.25]) expect(cpusOfQuota(quotaOfCpus(cpus, 100_000), 100_000)).toBeCloseTo(cpus, 5);
    expect(cpusOfQuota(25_000, 50_000)).toBe(0.5);
  });

  it('takes "no limit" in every spelling', () => {
    expect(cpusOfQuota('max', 100_000)).toBe('max');
    expect(cpusOfQuota(-1, 100_000)).toBe('max');
    expect(cpusOfQuota('-1', 100_000)).toBe('max');
    expect(cpusOfQuota(undefined, 100_000)).toBeUndefined();
    expect(quotaOfCpus('max', 100_000)).toBe('-1');
    expect(parseQuota('max', 100_000)).toEqual({ quotaUs: '-1' });
  });

  it('takes CPUs, microseconds, a comma, and refuses the rest with a reason', () => {
    expect(parseQuota('1.5', 100_000)).toEqual({ quotaUs: '150000' });
    expect(parseQuota(' 0,5 ', 100_000)).toEqual({ quotaUs: '50000' });
    expect(parseQuota('.25', 100_000)).toEqual({ quotaUs: '25000' });
    expect(parseQuota('150000us', 100_000)).toEqual({ quotaUs: '150000' });
    for (const bad of ['', 'two', '-2', '1e9x', '0', '500us', '0.001', '1 2']) expect(parseQuota(bad, 100_000)).toHaveProperty('fault');
  });

  it('shows few digits', () => {
    expect([0.5, 2, 1 / 3, 'max' as const].map(cpusText)).toEqual(['0.5', '2', '0.333', 'max']);
  });
});

describe('CPU lists', () => {
  const eight = { list: '0-7', of: 'this machine' };

  it('works on a machine whose CPU numbers have gaps', () => {
    const machine = cpusToChoose({ cpuList: '0,2-3' }, undefined, '/cgdeck/web');
    expect(parseCpuList('3', machine)).toEqual({ cpus: [3] });
    expect(parseCpuList('0-3', machine)).toEqual({ fault: 'CPU 1 does not belong to this machine, which has 0,2-3.' });
  });

  it('knows which CPUs the group above has on v1', () => {
    const above = cpusToChoose({ cpuList: '0-3' }, { 'cpuset.cpus': '0-1' }, '/cgdeck/web');
    expect(parseCpuList('1', above)).toEqual({ cpus: [1] });
    expect(parseCpuList('2', above)).toEqual({ fault: 'CPU 2 does not belong to /cgdeck, which has 0-1.' });
  });

  it('reads the kernel’s text', () => {
    expect(parseCpuList('0-2,6', eight)).toEqual({ cpus: [0, 1, 2, 6] });
    expect(parseCpuList(' 3, 1 ,1-2', eight)).toEqual({ cpus: [1, 2, 3] });
  });

  it('refuses a wrong list before the kernel does', () => {
    expect(parseCpuList('0-8', eight)).toEqual({ fault: 'CPU 8 does not belong to this machine, which has 0-7.' });
    for (const bad of ['', ' ', 'a', '1-', '-1', '3-1', '0,,1', '1;2']) expect(parseCpuList(bad, eight)).toHaveProperty('fault');
  });
});
