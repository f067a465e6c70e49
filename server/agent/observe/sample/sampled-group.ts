// A group whose files are read: where they are in the table, and what of it a tick has to read.
import { findControlFiles } from '../../../contract/control-files.ts';
import type { NewEvent } from '../../../contract/events.ts';
import type { Readings } from '../../../contract/readings.ts';
import type { FileOwner } from '../../kernel/files/file-table.ts';
import type { Group } from '../../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../../kernel/hierarchy/layout.ts';
import type { FileSet } from './file-sets.ts';

/** A group that somebody looks at is read at each tick for so long. */
const FOLLOWED_MS = 10_000;
/** Without a move for so long its files are no longer kept open. */
const KEPT_OPEN_MS = 30_000;

/** How it came that a file is read that changes only when it is written: by a write of its own, through one of another file, or without a notice. */
export type Cause = Pick<Extract<NewEvent, { kind: 'write' }>, 'through' | 'found'>;

export class SampledGroup implements FileOwner {
  readonly gid: number;
  readonly path: string;
  readonly set: FileSet;
  /** Place of its first file in the table. */
  first = 0;
  /** By file, how many readings it had at last; -1: never read. */
  readonly parts: Int16Array;
  /** Files that change only when they are written, to be read at the next tick. */
  readonly dirty = new Map<number, Cause>();
  /** All is read at the next tick, since something was written in it, or it is new. */
  due = true;
  /** When all was read at last (the sampler's clock); undefined before. */
  readMs: number | undefined;
  /** The tick that read all. */
  tick = 0;
  /** The tick that reads it now is its first. */
  isNew = true;
  /** The last reading changed something: what follows from its readings is worked out anew. */
  isChanged = true;
  /** Nothing changed when all was read at last, pressure included. */
  isQuiet = false;
  /** The witness moved in the last tick: it probably will in this one. */
  isActive = false;
  #movedMs = Number.NEGATIVE_INFINITY;
  #followedUntilMs = Number.NEGATIVE_INFINITY;
  /** It has no task that could change anything, and a task that comes is noticed. */
  #isEmpty = false;
  /** Its tasks are in the memory hierarchy alone: CPU time is counted elsewhere. */
  #isApart = false;
  #isFreezing = false;
  hasMembers = true;
  readonly #layout: Layout;

  constructor(layout: Layout, { gid, path }: Group, set: FileSet) {
    this.#layout = layout;
    this.gid = gid;
    this.path = path;
    this.set = set;
    this.parts = new Int16Array(set.files.length).fill(-1);
  }

  pathOf(index: number): string {
    const file = this.set.files[index];
    return file ? `${this.#layout.dir(file.hierarchy, this.path)}/${file.name}` : '';
  }

  /** A file of that name was written. */
  written(name: string): void {
    const also = findControlFiles(name).flatMap(({ changes = [] }) => changes);
    for (let index = this.set.written; index < this.set.files.length; index++) {
      const file = this.set.files[index]?.file.name ?? '';
      if (file === name) this.dirty.set(index, {});
      else if (also.includes(file) && (this.dirty.get(index)?.found ?? true)) this.dirty.set(index, { through: name });
    }
  }

  /** Files may have been written without a notice: all, or those of one directory. */
  mayBeWritten(dir?: string): void {
    for (let index = this.set.written; index < this.set.files.length; index++) {
      const file = this.set.files[index];
      const isThere = file && (dir === undefined || this.#layout.dir(file.hierarchy, this.path) === dir);
      if (isThere && !this.dirty.has(index)) this.dirty.set(index, { found: true });
    }
  }

  /** @param noticesTasks whether the kernel's notices tell when it gets a task (v2; on v1 the write that moves one is noticed) */
  consider(readings: Readings, noticesTasks: () => boolean): void {
    this.isChanged = false;
    const { 'cgroup.events:populated': populated, 'pids.current': tasks, 'cgroup.procs': members } = readings;
    this.hasMembers = members !== 0;
    this.#isApart = tasks === 0 && typeof members === 'number' && members > 0;
    this.#isEmpty = populated === undefined ? tasks === 0 && !this.#isApart : populated === 0 && noticesTasks();
    this.#isFreezing = readings['freezer.state'] === 'FREEZING';
  }

  /** Whether all of it is read in this tick. */
  isDue(nowMs: number): boolean {
    return this.due || this.isActive || this.#isFreezing || nowMs < this.#followedUntilMs;
  }

  /** The file that tells whether anything of the group may have changed; -1: nothing can have. */
  get witness(): number {
    if (this.#isEmpty) return -1;
    return this.#isApart || this.set.cpu < 0 ? this.set.memory : this.set.cpu;
  }

  /** Its tasks have run. */
  moved(nowMs: number): void {
    this.isActive = true;
    this.#movedMs = nowMs;
  }

  /** Somebody looks at it. */
  follow(nowMs: number): void {
    this.#followedUntilMs = nowMs + FOLLOWED_MS;
  }

  isIdle(nowMs: number): boolean {
    return nowMs - this.#movedMs >= KEPT_OPEN_MS;
  }
}
