// What is read from the log of a modelled kernel never contradicts the truth, whatever is lost, left out or mixed; with nothing of that it is complete.
import { array, assert, boolean, constantFrom, integer, nat, property, record, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { spell } from '../../../contract/spelling.ts';
import { OomKernel } from './fixtures/oom-kernel.ts';
import { type Machine, SERIES, VENDORS } from './fixtures/oom-truth.ts';
import { OomBlocks } from './oom-blocks.ts';
import { OomLines } from './oom-lines.ts';
import type { KnownGroups } from './oom-places.ts';

const RUNS = Number(process.env.CGDECK_RUNS ?? 300);

const PLAIN = ['/g', '/g/a', '/g/b', '/g/b/c', '/h', '/h/d', '/i'];
const ODD = [
  '/g',
  '/g/a',
  '/g/a,task_memcg=',
  '/g/a,task_memcg=/g',
  '/h',
  '/h are going to be killed due to memory.oom.group set',
  '/\n\xff',
  '/g/x invoked oom-killer: gfp_mask=0x99(x)',
];
const PLAIN_NAMES = ['hog', 'web', 'db'];
const ODD_NAMES = [
  ...PLAIN_NAMES,
  '',
  ',task=y,pid=1,',
  ') total-vm:1kB',
  'x) VE "1"',
  '\x01cx',
  '\x014\x01c',
  'a\nb',
  'x,pid=9,uid=0',
  '\xff(',
  '[ pid ] 1 2',
];

const groupsOf = (paths: readonly string[]) =>
  array(boolean(), { minLength: paths.length, maxLength: paths.length }).map(
    (whole) => new Map(paths.map((path, at) => [path, whole[at] ?? false])),
  );
const tape = array(nat(1000), { maxLength: 2000, size: 'max' });
const series = constantFrom(...SERIES);
const vendor = constantFrom(...VENDORS, 'none' as const);

/** @param gone a group that was removed before the log was read */
function knownTo({ groups }: Machine, gone?: string): KnownGroups {
  const known = new Set([
    '/',
    ...[...groups.keys()].flatMap((path) => path.split('/').map((_, at, parts) => spell(parts.slice(0, at + 1).join('/') || '/'))),
  ]);
  return { has: (path) => path !== gone && known.has(path), isLeaf: (path) => ![...known].some((other) => other.startsWith(`${path}/`)) };
}

/** The call that a line is of, where the model's lines say it. */
function callOf(line: string): number[] {
  const [, mask] = /^.{0,15} invoked oom-killer: gfp_mask=0x([\da-f]+)\(G/s.exec(line) ?? [];
  const [, ...numbers] = /^(?:memory: .* failcnt (\d+)|anon (\d+)|\[ *\d+\] +\d+ +\d+ +(\d+) )/.exec(line) ?? [];
  return mask === undefined ? numbers.filter((one) => one !== undefined).map(Number) : [Number.parseInt(mask, 16)];
}

test('nothing contradicts the truth, and the lines of a report are of its own kill', () => {
  const machines = record({
    ...{ series, vendor, callers: boolean(), table: boolean(), groups: constantFrom(PLAIN, ODD).chain(groupsOf) },
    ...{ names: constantFrom(PLAIN_NAMES, ODD_NAMES), noise: boolean() },
    ...{ lineUsec: constantFrom(50, 400_000), pauseUsec: constantFrom(100, 2_000_000) },
  });
  const lost = array(tuple(nat(400), integer({ min: 1, max: 60 })), { maxLength: 2 });
  assert(
    property(machines, tape, lost, constantFrom(undefined, ...PLAIN), (machine, decisions, ranges, gone) => {
      const kernel = new OomKernel(machine, decisions);
      kernel.run(20);
      const lines = new OomLines(knownTo(machine, gone));
      const blocks = new OomBlocks();
      let [last, overruns] = [-1, 0];
      for (const one of kernel.records) {
        const { sequence } = one;
        if (ranges.some(([from, count]) => sequence >= from && sequence < from + count)) continue;
        if (sequence > last + 1) overruns++;
        last = sequence;
        const kill = lines.take(one);
        blocks.take(one, overruns, kill);
        const truth = kernel.truths.get(sequence);
        if (truth?.isReaped !== true) expect(kill === undefined).toBe(truth === undefined);
        if (!kill || !truth) continue;
        const { timeUsec: _, sequence: __, rssBytes: ___, header, again, ...claims } = kill;
        expect(truth).toMatchObject({ ...claims, ...(again ? { again } : {}) });
        if (claims.whole !== undefined) expect(claims.whole).toBe(truth.group);
        const block = blocks.of(kill.pid);
        if (header !== undefined && !truth.isReaped) expect(block).toBeDefined();
        if (block && !block.torn) expect(block.lines[0]).toContain(`gfp_mask=0x${truth.header?.toString(16)}(`);
        // After a loss nothing tells two kills of one limit apart.
        const isOwn = (call: number) =>
          call === truth.header ||
          (block?.torn && kernel.domains.get(call) === kernel.domains.get(truth.header ?? 0) && truth.limitGroup !== '/');
        expect(block?.lines.flatMap(callOf).filter((call) => !isOwn(call)) ?? []).toEqual([]);
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

test('with nothing lost, left out or mixed it is complete', () => {
  const machines = record({
    ...{ series, vendor, callers: boolean(), table: boolean(), groups: groupsOf(PLAIN), names: constantFrom(PLAIN_NAMES) },
    ...{ noise: constantFrom(false), lineUsec: constantFrom(50), pauseUsec: constantFrom(2_000_000) },
  });
  assert(
    property(machines, tape, (machine, decisions) => {
      const kernel = new OomKernel(machine, decisions);
      kernel.run(9);
      const { isLeaf } = knownTo(machine);
      const lines = new OomLines(knownTo(machine));
      const found = kernel.records.flatMap((one) => lines.take(one) ?? []);
      const inLog = [...kernel.truths].filter(
        ([, { isReaped, isNamed, header }]) => isReaped !== true || (isNamed && header !== undefined),
      );
      const expected = inLog.map(([sequence, { pid, group, limitGroup, isNamed, isFirstAgain, whole, nodes }]) => ({
        ...{ sequence, pid },
        ...(whole !== undefined && !isFirstAgain ? { ...(isLeaf(whole) ? { whole } : {}) } : isNamed ? { group, limitGroup } : {}),
        ...(nodes !== undefined && (isNamed || machine.series < 5) && (whole === undefined || isFirstAgain) ? { nodes } : {}),
        ...(isFirstAgain ? { again: true } : {}),
      }));
      expect(found).toMatchObject(expected);
      for (const { sequence, header } of found) {
        const truth = kernel.truths.get(sequence);
        if (truth?.isNamed && truth.whole === undefined && truth.header !== undefined) expect(header).toBeDefined();
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});
