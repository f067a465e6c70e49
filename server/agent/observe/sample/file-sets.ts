// Which control files a group's readings come from: one list for all groups that are in the same hierarchies.
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { type ControlFile, fileOfReading } from '../../../contract/control-files.ts';
import { keyOn, type Quantity } from '../../../contract/quantities.ts';
import { FileReadings } from '../../kernel/files/file-readings.ts';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import type { Group } from '../../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../../kernel/hierarchy/layout.ts';
import type { Hierarchy } from '../../kernel/hierarchy/mounts.ts';

export interface SetFile {
  readonly file: ControlFile;
  readonly readings: FileReadings;
  readonly hierarchy: Hierarchy;
  /** On disk. */
  readonly name: string;
}

/** Files are named by their index. */
export interface FileSet {
  /** First those that the kernel changes by itself; then lists of members; last those that change only when they are written. */
  readonly files: readonly SetFile[];
  readonly changing: number;
  /** Where those begin that change only when they are written. */
  readonly written: number;
  /** Grows when any task of the group or of one below it has run; -1: there is no such file. */
  readonly cpu: number;
  readonly memory: number;
  readonly oomKills: number;
  /** What changes though no task runs: memory by reclaim, disk traffic by writing back, tasks by reaping those that have ended; the pressure of tasks that wait. */
  readonly outside: readonly number[];
  readonly pressure: readonly number[];
}

/** Writing one of these moves a process or a thread. */
const MEMBER_FILES = new Set(['cgroup.procs', 'tasks', 'cgroup.threads']);

export function movesTasks(name: string): boolean {
  return MEMBER_FILES.has(name);
}

/** Long, and on v1 stale while kept open. */
export function isMemberList({ format }: ControlFile): boolean {
  return format === 'lines';
}

export class FileSets {
  readonly #layout: Layout;
  readonly #sets = new Map<string, FileSet>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  of(group: Group): FileSet {
    const places = this.#layout.hierarchies.map((hierarchy) => (group.in.has(hierarchy) ? '1' : '0')).join('');
    const key = group.path === '/' ? `/${places}` : places;
    const known = this.#sets.get(key);
    if (known) return known;
    const placed = [...this.#layout.sampled(group.path, (hierarchy) => group.in.has(hierarchy))];
    const rank = ({ file }: { file: ControlFile }) => (file.onlyWritten ? 2 : isMemberList(file) ? 1 : 0);
    placed.sort((a, b) => rank(a) - rank(b));
    const files = placed.map(({ file, hierarchy, path }) => ({ file, hierarchy, name: basename(path), readings: FileReadings.of(file) }));
    const countOf = (least: number) => placed.filter((one) => rank(one) < least).length;
    const indexOf = (quantity: Quantity) => files.findIndex(({ file }) => file.name === fileOfReading(keyOn(quantity, file.version) ?? ''));
    const set = {
      files,
      changing: countOf(1),
      written: countOf(2),
      cpu: indexOf('cpu-usage'),
      memory: indexOf('memory-usage'),
      oomKills: indexOf('oom-kills'),
      outside: (['memory-usage', 'io-written', 'tasks'] as const).map(indexOf).filter((index) => index >= 0),
      pressure: files.flatMap(({ file }, index) => (file.controller === 'psi' ? [index] : [])),
    };
    // Which of two names this kernel has is not known from a group that has neither.
    if (placed.every(({ file, path }) => file.instead === undefined || existsSync(onDisk(path)))) this.#sets.set(key, set);
    return set;
  }
}
