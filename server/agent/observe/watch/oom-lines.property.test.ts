// Any bytes in the kernel log: no kill is invented, none is found twice, and none gets another kill's group, however records are cut and mixed.
import { type Arbitrary, array, assert, boolean, constantFrom, integer, nat, oneof, property, record, string, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { killed, OLD, summary } from './fixtures/oom-log.ts';
import type { KernelLogRecord } from './kernel-log.ts';
import { type OomKill, OomLines } from './oom-lines.ts';

const everyGroup = { has: () => true, isLeaf: () => true };
const bytes = string({ unit: nat(255).map((code) => String.fromCharCode(code)) });
/** Parts of real lines, in any order. */
const parts = constantFrom(
  ...['oom-kill:constraint=', ',oom_memcg=/', ',global_oom', ',task_memcg=/a', ',task=hog,pid=7,uid=0', 'Task in /a', 'Tasks in /a'],
  ...[' killed as a result of limit of /', ' are going to be killed due to memory.oom.group set', ' invoked oom-killer: ', '\n', '\u2028'],
  ...[
    'Memory cgroup out of memory: Kill process 7 (hog) score 1 or sacrifice child',
    'Memory cgroup out of memory: OOM victim 7 (hog) is already exiting',
  ],
);
const lineOf = (...more: Arbitrary<string>[]) => array(oneof(bytes, parts, ...more), { maxLength: 6 }).map((some) => some.join(''));
const caller = constantFrom(undefined, 'T7', 'T8', 'C0');
const records = (line: Arbitrary<string>): Arbitrary<Omit<KernelLogRecord, 'sequence'>[]> =>
  array(record({ bytes: line, continues: boolean(), caller, timeUsec: nat(20_000_000) }));

function killsOf(some: readonly Omit<KernelLogRecord, 'sequence'>[]): OomKill[] {
  const parser = new OomLines(everyGroup);
  return some.flatMap((one, sequence) => parser.take({ ...one, sequence }) ?? []);
}

test('without a kill line there is no kill', () => {
  assert(property(records(lineOf()), (some) => void expect(killsOf(some)).toEqual([])));
});

test('there are never more kills than kill lines, whatever is around them', () => {
  const line = oneof(
    lineOf(),
    nat(9).map((pid) => killed(pid)),
    nat(9).map((pid) => summary({ pid, group: `/${pid}` })),
  );
  assert(
    property(records(line), (some) => {
      const lines = some.filter((one) => !one.continues && /^Memory cgroup out of memory: Killed/.test(one.bytes));
      expect(killsOf(some)).toHaveLength(lines.length);
    }),
  );
});

test('within a second a pid of the same name is one kill', () => {
  const kill = record({ pid: nat(3), afterUsec: nat(200_000) });
  assert(
    property(array(kill), (some) => {
      let timeUsec = 0;
      const found = killsOf(
        some.map(({ pid, afterUsec }) => {
          timeUsec += afterUsec;
          return { bytes: killed(pid), continues: false, caller: undefined, timeUsec };
        }),
      );
      const last = new Map<number, number>();
      for (const one of found) {
        expect(one.again === true).toBe(one.timeUsec - (last.get(one.pid) ?? Number.NEGATIVE_INFINITY) < 1_000_000);
        if (!one.again) last.set(one.pid, one.timeUsec);
      }
    }),
  );
});

/** One below the other, so that the parts of two lines may fit each other. */
const groupOf = (pid: number) => (pid === 7 ? '/7' : `/7/${pid}`);

/** The lines of a kill of `pid` in its group, the summary cut anywhere. */
const cutKill = (pid: number, by: string | undefined) =>
  tuple(integer({ min: 20, max: 400 }), integer({ min: 20, max: 400 }), boolean()).map(([first, second, isOld]) => {
    const group = groupOf(pid);
    const line = isOld ? `Task in ${group} killed as a result of limit of ${group}` : summary({ pid, group });
    const cuts = [0, Math.min(first, second), Math.max(first, second), line.length];
    const pieces = cuts
      .slice(0, -1)
      .map((from, at) => ({ bytes: line.slice(from, cuts[at + 1]), continues: at > 0, caller: by, timeUsec: 1 }));
    const chosen = `Memory cgroup out of memory: Kill process ${pid} (a) score 1 or sacrifice child`;
    const end = isOld ? [chosen, OLD.replace('7', String(pid))] : [killed(pid)];
    return [
      ...pieces.filter((one) => one.bytes !== '' || !one.continues),
      ...end.map((text) => ({ bytes: text, continues: false, caller: by, timeUsec: 2 })),
    ];
  });

function expectOwnOrNone(found: readonly OomKill[]): void {
  for (const { pid, group, limitGroup } of found) {
    expect([undefined, groupOf(pid)]).toContain(group);
    expect([undefined, groupOf(pid)]).toContain(limitGroup);
  }
}

test('two kills in pieces, mixed in any way: each is found once, and has its own group or none', () => {
  const mixed = caller.chain((by) =>
    tuple(cutKill(7, by), cutKill(8, by === undefined ? by : 'T9'), array(boolean(), { minLength: 10, maxLength: 10 })),
  );
  assert(
    property(mixed, ([one, other, order]) => {
      const [left, right] = [[...one], [...other]];
      const some = order.flatMap((isLeft) => (isLeft ? left : right).splice(0, 1));
      const found = killsOf([...some, ...left, ...right]);
      expect(found.map(({ pid }) => pid).sort()).toEqual([7, 8]);
      expectOwnOrNone(found);
    }),
    { numRuns: 2000 },
  );
});

test('two kills in pieces, mixed, with records lost between: no kill is found twice, and each has its own group or none', () => {
  const mixed = caller.chain((by) =>
    tuple(
      cutKill(7, by),
      cutKill(8, by === undefined ? by : 'T9'),
      array(boolean(), { minLength: 10, maxLength: 10 }),
      integer({ min: 1, max: 9 }),
      nat(9),
    ),
  );
  assert(
    property(mixed, ([one, other, order, from, count]) => {
      const [left, right] = [[...one], [...other]];
      const mix = order.flatMap((isLeft) => (isLeft ? left : right).splice(0, 1));
      const parser = new OomLines(everyGroup);
      const seen = [...mix, ...left, ...right].map((line, at) => ({ ...line, sequence: at })).toSpliced(from, count);
      const found = seen.flatMap((line) => parser.take(line) ?? []);
      expect(new Set(found.map(({ pid }) => pid)).size).toBe(found.length);
      expectOwnOrNone(found);
    }),
    { numRuns: 3000 },
  );
});

test('one kill in pieces is whole again, whoever printed between', () => {
  assert(
    property(cutKill(7, 'T7'), bytes, (lines, between) => {
      const some = lines.flatMap((line) => [line, { bytes: between, continues: true, caller: 'C1', timeUsec: 1 }]);
      expect(killsOf(some)).toMatchObject([{ pid: 7, group: '/7', limitGroup: '/7' }]);
    }),
  );
});
