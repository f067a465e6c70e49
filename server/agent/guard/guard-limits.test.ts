// Limits of a guard that are raised, and what is restored at the end.
import { expect, test } from 'vitest';
import { limitBytes } from '../../contract/units.ts';
import { raised } from './guard-limits.ts';
import type { GuardRecord } from './guard-record.ts';
import { roundDown } from './guarded-files.ts';

const MIB = 2 ** 20;
const mib = (n: number) => String(n * MIB);

function record(change: Partial<GuardRecord>): GuardRecord {
  return {
    group: '/a',
    boot: 'b',
    inode: 1,
    version: 2,
    freezeAtBytes: 48 * MIB,
    marginBytes: 16 * MIB,
    hardLimitAsked: true,
    before: { 'memory.high': 'max', 'memory.max': 'max', 'cgroup.freeze': '0' },
    ours: { 'memory.high': [mib(48), 'max'], 'memory.max': [mib(64)], 'cgroup.freeze': ['1'] },
    ...change,
  };
}

test('a hard limit that was asked for keeps its distance', () => {
  expect(raised(record({}), 96 * MIB)).toMatchObject({
    freezeAtBytes: 96 * MIB,
    marginBytes: 16 * MIB,
    before: { 'memory.high': 'max', 'memory.max': 'max' },
    ours: { 'memory.high': [mib(48), 'max', mib(96)], 'memory.max': [mib(64), mib(112)] },
  });
});

test('the group’s own hard limit stays until the guard’s limit would exceed it', () => {
  const own = record({ hardLimitAsked: false, before: { 'memory.high': 'max', 'memory.max': mib(64) } });
  expect(raised(own, 56 * MIB)).toMatchObject({ marginBytes: 8 * MIB, before: { 'memory.max': mib(64) } });
  expect(raised(own, 96 * MIB)).toMatchObject({ marginBytes: 16 * MIB, before: { 'memory.max': mib(112) } });
});

test('no hard limit where there was none', () => {
  const { marginBytes: _, ...free } = record({ hardLimitAsked: false });
  const moved = raised(free, 96 * MIB);
  expect(moved.marginBytes).toBeUndefined();
  expect(moved.ours['memory.max']).toEqual([mib(64)]);
});

test('a lower limit from before is not restored, a higher one is', () => {
  const limits = (high: string) => raised(record({ before: { 'memory.high': high } }), 96 * MIB).before;
  expect(limits(mib(64))).toEqual({ 'memory.high': mib(96) });
  expect(limits(mib(128))).toEqual({ 'memory.high': mib(128) });
});

test('on v1 both limits are raised', () => {
  const v1 = record({
    version: 1,
    before: { 'memory.limit_in_bytes': mib(64), 'memory.memsw.limit_in_bytes': '9223372036854771712', 'freezer.state': 'THAWED' },
    ours: { 'memory.limit_in_bytes': [mib(48)] },
  });
  expect(raised(v1, 96 * MIB)).toMatchObject({
    before: { 'memory.limit_in_bytes': mib(96), 'memory.memsw.limit_in_bytes': '9223372036854771712', 'freezer.state': 'THAWED' },
    ours: { 'memory.limit_in_bytes': [mib(48), mib(96)] },
  });
});

test('limits in bytes are rounded so that no page size changes them', () => {
  expect(['max', '9223372036854771712', '65536'].map(limitBytes)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 65_536]);
  expect([65_535, 65_536, 100_000_001].map(roundDown)).toEqual([0, 65_536, 99_942_400]);
});
