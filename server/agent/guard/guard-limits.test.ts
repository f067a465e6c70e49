// Limits of a guard that are raised, and what is restored at the end.
import { expect, test } from 'vitest';
import { limitBytes } from '../../contract/units.ts';
import { raised } from './guard-limits.ts';
import type { GuardRecord } from './guard-record.ts';
import { roundDown } from './guarded-files.ts';
import { limitsOf } from './v1-mechanism.ts';
import { watchdogRecord } from './watchdog-record.ts';

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
  expect(raised(record({}), { raiseTo: 96 * MIB })).toMatchObject({
    freezeAtBytes: 96 * MIB,
    marginBytes: 16 * MIB,
    before: { 'memory.high': 'max', 'memory.max': 'max' },
    ours: { 'memory.high': [mib(48), 'max', mib(96)], 'memory.max': [mib(64), mib(112)] },
  });
});

test('the group’s own hard limit stays until the guard’s limit would exceed it', () => {
  const own = record({ hardLimitAsked: false, before: { 'memory.high': 'max', 'memory.max': mib(64) } });
  expect(raised(own, { raiseTo: 56 * MIB })).toMatchObject({ marginBytes: 8 * MIB, before: { 'memory.max': mib(64) } });
  expect(raised(own, { raiseTo: 96 * MIB })).toMatchObject({ marginBytes: 16 * MIB, before: { 'memory.max': mib(112) } });
});

test('a limit that was the group’s own before a raise is not the guard’s: a person who sets it again wants it', () => {
  const own = record({ hardLimitAsked: false, before: { 'memory.high': 'max', 'memory.max': mib(64) } });
  const once = raised(own, { raiseTo: 96 * MIB, ownBytes: 128 * MIB });
  expect([once.before['memory.max'], once.ours['memory.max']]).toEqual([mib(128), [mib(128)]]);
  expect(raised(once, { raiseTo: 192 * MIB, ownBytes: 256 * MIB }).ours['memory.max']).toEqual([mib(256)]);
});

test('no hard limit where there was none', () => {
  const { marginBytes: _, ...free } = record({ hardLimitAsked: false });
  const moved = raised(free, { raiseTo: 96 * MIB });
  expect(moved.marginBytes).toBeUndefined();
  expect(moved.ours['memory.max']).toEqual([mib(64)]);
});

test('a lower limit from before is not restored, a higher one is', () => {
  const limits = (high: string) => raised(record({ before: { 'memory.high': high } }), { raiseTo: 96 * MIB }).before;
  expect(limits(mib(64))).toEqual({ 'memory.high': mib(96) });
  expect(limits(mib(128))).toEqual({ 'memory.high': mib(128) });
});

test('on v1 both limits are raised', () => {
  const v1 = record({
    version: 1,
    before: { 'memory.limit_in_bytes': mib(64), 'memory.memsw.limit_in_bytes': '9223372036854771712', 'freezer.state': 'THAWED' },
    ours: { 'memory.limit_in_bytes': [mib(48)] },
  });
  expect(raised(v1, { raiseTo: 96 * MIB })).toMatchObject({
    before: { 'memory.limit_in_bytes': mib(96), 'memory.memsw.limit_in_bytes': '9223372036854771712', 'freezer.state': 'THAWED' },
    ours: { 'memory.limit_in_bytes': [mib(48), mib(96)] },
  });
});

test('a line on memory and swap takes the memory limit with it, and neither ends above what it may', () => {
  const before = { 'memory.limit_in_bytes': mib(64), 'memory.memsw.limit_in_bytes': mib(80) };
  const { freezeAtBytes: _, ...plain } = record({});
  const v1: GuardRecord = { ...plain, version: 1, memswBytes: 40 * MIB, before, ours: { 'memory.memsw.limit_in_bytes': [mib(40)] } };
  expect(limitsOf(v1)).toEqual({ memory: 40 * MIB, memsw: 40 * MIB });
  const more = raised(v1, { memswTo: 72 * MIB, memswOwnBytes: 160 * MIB });
  expect(more.before).toEqual({ ...before, 'memory.memsw.limit_in_bytes': mib(160) });
  expect(limitsOf(more)).toEqual({ memory: 64 * MIB, memsw: 72 * MIB });
  // More memory than memory and swap may have: both.
  expect(limitsOf(raised({ ...v1, freezeAtBytes: 32 * MIB }, { raiseTo: 96 * MIB, ownBytes: 128 * MIB }))).toEqual({
    memory: 96 * MIB,
    memsw: 96 * MIB,
  });
});

test('the watchdog raises the limit of memory and swap before that of memory, and lowers it after', () => {
  const { freezeAtBytes: _, ...plain } = record({});
  const order = (had: string, has: string) =>
    watchdogRecord(
      {
        ...plain,
        version: 1,
        before: { 'memory.limit_in_bytes': mib(32), 'memory.memsw.limit_in_bytes': had },
        ours: { 'memory.limit_in_bytes': [mib(24)], 'memory.memsw.limit_in_bytes': [has] },
      },
      { path: (name) => `/sys/fs/cgroup/memory/a/${name}` },
      1000,
    ).filter((field) => /^memory\./.test(field));
  const [memory, both] = ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'];
  expect(order(mib(80), mib(40))).toEqual([both, memory]);
  expect(order(mib(40), mib(80))).toEqual([memory, both]);
});

test('limits in bytes are rounded so that no page size changes them', () => {
  expect(['max', '9223372036854771712', '65536'].map(limitBytes)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 65_536]);
  expect([65_535, 65_536, 100_000_001].map(roundDown)).toEqual([0, 65_536, 99_942_400]);
});
