// What the watchdog needs of a guard: which texts it writes over which, in the order of the mechanisms' restore().
import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { limitBytes } from '../../contract/units.ts';
import { MARK, THEIRS } from './freeze-mark.ts';
import type { GuardRecord } from './guard-record.ts';
import type { GuardedFiles } from './guarded-files.ts';
import { FREEZER, LIMIT, MEMSW, OOM } from './v1-mechanism.ts';

/** What identifies a group to the watchdog, also for the next agent: the inode of its directory in the memory controller's hierarchy. */
export function watchdogId({ inode }: Pick<GuardRecord, 'inode'>): string {
  return String(inode);
}

const FREEZE = 'cgroup.freeze';
const ORDER_V2 = ['memory.high', 'memory.max', FREEZE];
/** With a hard limit of v2 below its usage, the kernel would kill. */
const USAGES: Record<string, string> = { 'memory.max': 'memory.current' };
/** The watchdog keeps few texts in memory: those of the last releases. */
const MOST_TEXTS = 8;

/** A limit of memory and swap together is raised before, and lowered after, that of memory. */
function orderOf({ version, before, ours }: GuardRecord): readonly string[] {
  if (version === 2) return ORDER_V2;
  const raises = limitBytes(before[MEMSW] ?? '0') >= limitBytes(ours[MEMSW]?.at(-1) ?? 'max');
  return [...(raises ? [MEMSW, LIMIT] : [LIMIT, MEMSW]), OOM, FREEZER];
}

/** The fields of a `set` message (native/watchdog/README.md). */
export function watchdogRecord(record: GuardRecord, files: Pick<GuardedFiles, 'path'>, deadlineMs: number): string[] {
  const fields = ['set', watchdogId(record), String(deadlineMs)];
  let dir = '';
  for (const name of orderOf(record)) {
    const restore = record.before[name];
    const ours = name === OOM && restore === '0' ? ['oom_kill_disable 1'] : (record.ours[name] ?? []).slice(-MOST_TEXTS);
    if (restore === undefined || ours.length === 0) continue;
    const path = files.path(name);
    if (dirname(path) !== dir) {
      // The memory controller's inode is known; v1's freezer has a hierarchy of its own.
      fields.push('dir', dirname(path), name === FREEZER ? String(statSync(dirname(path)).ino) : watchdogId(record));
      dir = dirname(path);
    }
    fields.push('file', basename(path), restore, USAGES[name] ?? '');
    for (const text of ours) fields.push('ours', text);
    if (name === FREEZER || name === FREEZE) fields.push('mark', MARK, THEIRS);
  }
  return fields;
}
