// Parses what the kernel log says of an OOM kill, as kernels from 2.6.32 on write it (mm/oom_kill.c, mm/memcontrol.c).
import type { KernelBlock, ReportTask } from '../../../contract/reports.ts';
import { spell } from '../../../contract/spelling.ts';
import { MAX, UNLIMITED_FROM } from '../../../contract/units.ts';
import { isUnlimitedOf32Bits, LONG_BITS, numberIn } from '../../kernel/files/numbers.ts';
import type { RawBlock } from '../watch/oom-blocks.ts';
import { TABLE } from '../watch/oom-table.ts';

type Bound = number | typeof MAX;

const KIB = 1024;
/** Of the lines as they are, and of the table. */
const TEXT_BYTES = 48 * 1024;
const TAIL_LINES = 4;
const MOST_TASKS = 100;
/** A page counter's maximum, in KiB: no limit. */
const UNLIMITED_KIB = 2 ** 52;

const INVOKED = /^(.{0,64}) invoked oom-killer: gfp_mask=(0x[\da-f]+(?:\([\w|]*\))?).*?, order=(-?\d+)/s;
const CONSTRAINT = /^oom-kill:constraint=(CONSTRAINT_\w+),/;
const COUNTER = /^(memory|memory\+swap|swap|kmem): usage (\d+)kB, limit (\d+)kB, failcnt (\d+)$/;
const STATS = /^Memory cgroup stats(?: for (\/.*?))?:(?:\n)?$/s;
/** Before Linux 5.3: one line for each group, the limit's first. */
const STATS_IN_LINE = /^Memory cgroup stats(?: for (\/.*))?: (cache:\d+KB .*)$/s;
const STAT = /^(\w+) (\d+)$/;
/** The kernel cuts a record at 972 to 1,021 bytes (LOG_LINE_MAX, less the level and a newline), so its last number may be half of one. */
const CUT_BYTES = 972;
const TASK = /^\[ *(\d+)\] +(.*)$/s;
const NAMES: Readonly<Record<string, 'memory' | 'memsw' | 'swap' | 'kmem'>> = {
  memory: 'memory',
  'memory+swap': 'memsw',
  swap: 'swap',
  kmem: 'kmem',
};

const textOf = (bytes: string) => Buffer.from(bytes, 'latin1').toString('utf8');

/**
 * @param pageBytes the size in which the table counts
 * @param longBits of the kernel, which decides what is no limit
 */
export function parseOomBlock({ lines: raw, omitted, omittedTasks, torn }: RawBlock, pageBytes: number, longBits = LONG_BITS): KernelBlock {
  const texts = raw.map(textOf);
  const counters: Pick<KernelBlock, 'memory' | 'memsw' | 'swap' | 'kmem'> = {};
  const stats: Record<string, Bound> = {};
  const tasks: ReportTask[] = [];
  let statsOf: string | undefined;
  let inStats = false;
  let isCut = false;
  let columns: readonly string[] | undefined;
  let constraint: string | undefined;
  for (const bytes of raw) {
    const counter = COUNTER.exec(bytes);
    const found = inStats ? statsIn(bytes, longBits) : undefined;
    if (counter) counters[NAMES[counter[1] ?? ''] ?? 'memory'] = counterOf(counter, longBits);
    else if (found) {
      Object.assign(stats, found);
      isCut ||= bytes.length >= CUT_BYTES;
    } else if (STATS.test(bytes)) {
      const path = STATS.exec(bytes)?.[1];
      statsOf = path && spell(path);
      inStats = true;
    } else if (STATS_IN_LINE.test(bytes)) {
      const [, path, line = ''] = STATS_IN_LINE.exec(bytes) ?? [];
      statsOf ??= path && spell(path);
      // Each group's own: together they are those of the limit.
      for (const [, name = '', kib] of line.matchAll(/(\w+):(\d+)KB/g))
        stats[name] = Number(stats[name] ?? 0) + Math.max(0, numberIn(kib ?? '') ?? 0) * KIB;
    } else if (TABLE.test(bytes)) {
      inStats = false;
      columns = bytes
        .replace(/^\[.*?\]/, '')
        .trim()
        .split(/ +/);
    } else if (CONSTRAINT.test(bytes)) {
      constraint = CONSTRAINT.exec(bytes)?.[1];
      columns = undefined;
    } else if (columns) {
      const task = taskOf(bytes, columns, pageBytes);
      if (task) tasks.push(task);
    }
  }
  const [, invokedBy, gfp, order] = INVOKED.exec(texts[0] ?? '') ?? [];
  const kept = keptLines(texts);
  const left = omitted + texts.length - kept.length;
  return {
    lines: kept,
    ...(left > 0 ? { omitted: left } : {}),
    ...(torn || isCut ? { incomplete: true } : {}),
    ...(invokedBy === undefined ? {} : { invokedBy, gfp, order: Number(order) }),
    ...(constraint === undefined ? {} : { constraint }),
    ...counters,
    ...(statsOf === undefined ? {} : { statsOf }),
    ...(Object.keys(stats).length > 0 ? { stats } : {}),
    ...(tasks.length > 0
      ? { tasks: tasks.sort((a, b) => b.rssBytes - a.rssBytes).slice(0, MOST_TASKS), tasksCount: tasks.length + omittedTasks }
      : {}),
  };
}

/** One of memory.stat's lines, or all of them: from Linux 5.3 to 6.4 they are one record. */
function statsIn(bytes: string, longBits: number): Record<string, Bound> | undefined {
  const lines = bytes.split('\n').slice(0, bytes.length < CUT_BYTES ? undefined : -1);
  // A process's name in another line may have lines that look like these.
  if (!STAT.test(lines[0] ?? '')) return undefined;
  const found = lines.flatMap((line) => {
    const [, name, value] = STAT.exec(line) ?? [];
    const number = numberIn(value ?? '');
    if (name === undefined || number === undefined) return [];
    // v1 has limits among the levels.
    const isLimit = name.endsWith('_limit');
    return [[name, isLimit ? limitOf(number, longBits) : Math.max(0, number)] as const];
  });
  return Object.fromEntries(found);
}

function limitOf(bytes: number, longBits: number): Bound {
  return bytes < 0 || bytes >= UNLIMITED_FROM || (longBits === 32 && isUnlimitedOf32Bits(bytes)) ? MAX : bytes;
}

function counterOf([, , usage, limit, failcnt]: RegExpExecArray, longBits: number): NonNullable<KernelBlock['memory']> {
  const limitKib = Number(limit);
  return {
    usageBytes: Number(usage) * KIB,
    limitBytes: limitKib >= UNLIMITED_KIB ? MAX : limitOf(limitKib * KIB, longBits),
    failcnt: Number(failcnt),
  };
}

/** A task's columns are those of the header; the last one is the name, which may have blanks. */
function taskOf(bytes: string, columns: readonly string[], pageBytes: number): ReportTask | undefined {
  const [, pid, rest = ''] = TASK.exec(bytes) ?? [];
  const pattern = new RegExp(`^${'(-?\\d+) +'.repeat(columns.length - 2)}(-?\\d+) (.*)$`, 's');
  const values = pattern.exec(rest)?.slice(1);
  if (pid === undefined || !values) return undefined;
  const value = (name: string) => {
    const at = columns.indexOf(name);
    return at < 0 ? undefined : Number(values[at]);
  };
  const [uid, rss, swapents, adj] = ['uid', 'rss', 'swapents', 'oom_score_adj'].map(value);
  if (uid === undefined || rss === undefined) return undefined;
  return {
    pid: Number(pid),
    // The table has it as a signed number.
    uid: uid >>> 0,
    rssBytes: rss * pageBytes,
    ...(swapents === undefined ? {} : { swapBytes: swapents * pageBytes }),
    ...(adj === undefined ? {} : { oomScoreAdj: adj }),
    comm: textOf(values.at(-1) ?? ''),
  };
}

/** The beginning and the end, within the bound. */
function keptLines(lines: readonly string[]): string[] {
  const tail = lines.slice(-TAIL_LINES);
  const kept: string[] = [];
  let bytes = tail.reduce((sum, line) => sum + line.length, 0);
  for (const line of lines.slice(0, -TAIL_LINES)) {
    bytes += line.length;
    if (bytes > TEXT_BYTES) break;
    kept.push(line);
  }
  return [...kept, ...tail];
}
