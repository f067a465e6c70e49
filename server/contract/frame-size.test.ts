// How many bytes a second of a machine with 1,000 groups takes, of which 100 work: counted, so that it stays so.
import { expect, test } from 'vitest';
import { type Change, columnsOf } from './columns.ts';
import { testFrame } from './fixtures/test-frame.ts';
import { encodeFrame, encodeSummary, type GroupEntry } from './frame.ts';

const GROUPS = 1_000;
const BUSY = 100;
const PAGE = 4096;
const GIB = 2 ** 30;

/** The same numbers in each run (Numerical Recipes’ generator). @returns one from 0 up to `below` */
function dice(): (below: number) => number {
  let state = 7;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const roll = dice();
const bytes = () => roll(32 * GIB) - (roll(32 * GIB) % PAGE);
const pages = () => roll((8 * GIB) / PAGE) * PAGE;
const stalled = () => roll(10_000) / 100;
const usec = () => 1e11 + roll(1e9) * 97;

/** Beside these, of most lines of memory.stat each changes while a program works. */
const STAT = {
  1: [
    ...[
      'rss',
      'cache',
      'mapped_file',
      'dirty',
      'pgpgin',
      'pgpgout',
      'pgfault',
      'inactive_anon',
      'active_anon',
      'inactive_file',
      'active_file',
    ].map((key) => `total_${key}`),
  ],
  2: ['anon', 'file', 'kernel', 'slab', 'pgfault', 'inactive_anon', 'active_anon', 'inactive_file', 'active_file', 'slab_reclaimable'],
} as const;

function pressureOf(gid: number): Change[] {
  return ['memory', 'cpu', 'io'].flatMap((resource): Change[] => [
    [gid, `${resource}.pressure:some.avg10`, stalled()],
    [gid, `${resource}.pressure:some.avg60`, stalled()],
    [gid, `${resource}.pressure:some.total`, usec()],
    [gid, `${resource}.pressure:full.avg10`, stalled()],
    [gid, `${resource}.pressure:full.total`, usec()],
  ]);
}

/** A second of a group that allocates, frees, reads files, forks and waits. */
function secondOf(gid: number, version: 1 | 2): Change[] {
  const stat = STAT[version].map((key): Change => [gid, `memory.stat:${key}`, key.includes('pg') ? roll(1e8) : pages()]);
  const tasks: Change[] =
    roll(4) === 0
      ? [
          [gid, 'pids.current', roll(300)],
          [gid, 'cgroup.procs', roll(100)],
        ]
      : [];
  if (version === 1)
    return [
      [gid, 'memory.usage_in_bytes', pages()],
      [gid, 'memory.memsw.usage_in_bytes', pages()],
      [gid, 'memory.max_usage_in_bytes', pages()],
      [gid, 'cpuacct.usage', usec() * 1000 + roll(1000)],
      [gid, 'cpuacct.stat:user', roll(1e7)],
      [gid, 'cpuacct.stat:system', roll(1e7)],
      ...stat,
      ...tasks,
      ...pressureOf(gid),
    ];
  return [
    [gid, 'memory.current', pages()],
    [gid, 'memory.peak', pages()],
    [gid, 'cpu.stat:usage_usec', usec()],
    [gid, 'cpu.stat:user_usec', usec()],
    [gid, 'cpu.stat:system_usec', usec()],
    [gid, 'io.stat:rbytes', bytes()],
    ...stat,
    ...tasks,
    ...pressureOf(gid),
  ];
}

const machine = (): Change[] =>
  Array.from({ length: 16 }, (_, cpu) => cpu).flatMap((cpu): Change[] => [
    [1, `stat:cpu${cpu}.busy`, roll(1e8)],
    [1, `stat:cpu${cpu}.total`, roll(1e8)],
  ]);

test.each([1, 2] as const)('a frame for the deck is at most 8 kB, v%i', (version) => {
  const busy = Array.from({ length: BUSY }, (_, i) => 2 + i * (GROUPS / BUSY) + roll(GROUPS / BUSY));
  const changes = [...machine(), [1, 'meminfo:MemAvailable', pages()] as Change, ...[1, ...busy].flatMap((gid) => secondOf(gid, version))];
  const frame = testFrame({ host: 'a-host.example.net', epoch: 'cce1a1d8-5d2f-4d3a-9b6c-1f6de8a0f0f3', seq: 86_400, changes });
  expect(encodeSummary(frame).length).toBeLessThanOrEqual(8_000);
  expect(encodeFrame(frame).length).toBeLessThanOrEqual(24_000);
});

test('a second in which nothing changes takes no more for 10,000 groups than for one', () => {
  expect(encodeSummary(testFrame()).length).toBeLessThan(250);
});

test('the first frame of a page: at most 80 bytes a group', () => {
  const groups = Array.from({ length: GROUPS }, (_, i): GroupEntry => {
    const path = `/system.slice/docker-${i.toString(16).padStart(12, 'c')}.scope`;
    return {
      gid: i + 1,
      path,
      inode: 4_000_000 + i,
      managed: true,
      self: false,
      controllers: ['memory', 'cpu', 'cpuset', 'io', 'pids', 'unified'],
    };
  });
  const limits = groups.flatMap(({ gid }): Change[] => [
    [gid, 'memory.limit_in_bytes', 'max'],
    [gid, 'memory.soft_limit_in_bytes', 'max'],
    [gid, 'memory.use_hierarchy', 1],
    [gid, 'freezer.state', 'THAWED'],
    [gid, 'pids.current', 0],
    [gid, 'cgroup.procs', 0],
    [gid, 'memory.usage_in_bytes', pages()],
  ]);
  const frame = { ...testFrame({ full: true, groups }), columns: columnsOf(limits) };
  expect(encodeSummary(frame).length).toBeLessThan(80 * GROUPS);
});
