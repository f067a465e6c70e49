// inotify on every group's directory: children made and removed, and control files written.
import { readSync } from 'node:fs';
import { inotifyAdd, inotifyInit, inotifyMask, inotifyRemove } from '../../../../native/libc/inotify.ts';
import { joinPath } from '../../../contract/paths.ts';
import { spell } from '../../../contract/spelling.ts';
import { errnoOf } from '../../kernel/errno.ts';
import { cPath } from '../../kernel/hierarchy/disk-path.ts';
import type { DirWatcher } from '../../kernel/hierarchy/group-tree.ts';
import type { Hierarchy } from '../../kernel/hierarchy/mounts.ts';
import type { Source, Sources } from '../../kernel/sources.ts';

export interface TreeNotices {
  appeared(hierarchy: Hierarchy, path: string): void;
  disappeared(hierarchy: Hierarchy, path: string): void;
  /** A control file was written, by us or others. */
  written(hierarchy: Hierarchy, group: string, file: string): void;
  /** Notices were lost: all directories have to be read. */
  lost(): void;
}

/** inotify(7); on v1 a group can be renamed. */
const MODIFY = 0x2;
const MOVED_FROM = 0x40;
const MOVED_TO = 0x80;
const MASK = MODIFY | MOVED_FROM | MOVED_TO | inotifyMask.create | inotifyMask.delete | inotifyMask.onlyDir;
const HEADER_BYTES = 16;
/** Some fifteen events at most, so that ticks and other sources do not wait long while thousands of groups come or go. */
const READ_BYTES = 512;

/** inotify(7): the limits on what a user may have. */
const SYSCTLS = {
  EMFILE: { sysctl: 'fs.inotify.max_user_instances', what: 'The inotify instances of this user' },
  ENOSPC: { sysctl: 'fs.inotify.max_user_watches', what: 'The inotify watches of this user' },
} as const;

export interface Watched {
  readonly hierarchy: Hierarchy;
  readonly group: string;
  readonly dir: string;
}

export interface InotifyEvent {
  readonly watch: number;
  readonly mask: number;
  readonly name: string;
}

/** inotify(7): struct inotify_event, with the name padded by NULs; the result has it spelled as group names are. */
export function parseInotify(bytes: Buffer, length: number): InotifyEvent[] {
  const events: InotifyEvent[] = [];
  for (let at = 0; at + HEADER_BYTES <= length; ) {
    const size = bytes.readUInt32LE(at + 12);
    const name = bytes.toString('latin1', at + HEADER_BYTES, at + HEADER_BYTES + size).replace(/\0+$/, '');
    events.push({ watch: bytes.readInt32LE(at), mask: bytes.readUInt32LE(at + 4), name: spell(name) });
    at += HEADER_BYTES + size;
  }
  return events;
}

export class TreeWatch implements DirWatcher {
  readonly #sources: Sources;
  #fd: number | undefined;
  readonly #byWatch = new Map<number, Watched>();
  readonly #byDir = new Map<string, number>();
  /** Directories for which no watch was left, the next one to be read first. */
  readonly #unwatched = new Map<string, Watched>();
  readonly #buffer = Buffer.alloc(READ_BYTES);
  #shortOf: keyof typeof SYSCTLS | undefined;
  #notices: TreeNotices | undefined;
  #source: Source | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  start(notices: TreeNotices): void {
    this.#notices = notices;
    this.#open();
  }

  watch(dir: string, hierarchy: Hierarchy, group: string): void {
    const watched = { hierarchy, group, dir };
    if (this.#fd === undefined) {
      this.#unwatched.set(dir, watched);
      return;
    }
    let watch: number;
    try {
      watch = inotifyAdd(this.#fd, cPath(dir), MASK);
    } catch (error) {
      // Any other error: it was removed.
      if (errnoOf(error) !== 'ENOSPC') return;
      this.#shortOf = 'ENOSPC';
      this.#unwatched.set(dir, watched);
      return;
    }
    this.#unwatched.delete(dir);
    this.#byWatch.set(watch, watched);
    this.#byDir.set(dir, watch);
  }

  unwatch(dir: string): void {
    this.#unwatched.delete(dir);
    const watch = this.#byDir.get(dir);
    if (watch === undefined || this.#fd === undefined) return;
    this.#byDir.delete(dir);
    // A renamed group keeps its watch, which may be registered under the new name already.
    if (this.#byWatch.get(watch)?.dir !== dir) return;
    this.#byWatch.delete(watch);
    inotifyRemove(this.#fd, watch);
  }

  /** The next `count` unwatched directories, in turn, to be read. Tries again to watch each. */
  nextUnwatched(count: number): Watched[] {
    if (this.#unwatched.size === 0) return [];
    if (this.#fd === undefined) this.#open();
    const next = [...this.#unwatched.values()].slice(0, count);
    for (const { dir, hierarchy, group } of next) {
      this.#unwatched.delete(dir);
      this.watch(dir, hierarchy, group);
    }
    return next;
  }

  /** One sentence if directories are not watched. */
  missing(): string[] {
    const count = this.#unwatched.size;
    if (count === 0 || this.#shortOf === undefined) return [];
    const { sysctl, what } = SYSCTLS[this.#shortOf];
    return [
      `${what} are used up: ${count} group director${count === 1 ? 'y is' : 'ies are'} read in turn instead, so that new groups and limits written by others are shown later. Raise ${sysctl} (sysctl -w ${sysctl}=…); cgdeck notices.`,
    ];
  }

  close(): void {
    this.#source?.close();
  }

  #open(): void {
    let fd: number;
    try {
      fd = inotifyInit();
    } catch (error) {
      if (errnoOf(error) !== 'EMFILE') throw error;
      this.#shortOf = 'EMFILE';
      return;
    }
    this.#source = this.#sources.watch('the tree of groups', fd, 'readable', () => {
      try {
        this.#read(fd);
      } catch (error) {
        this.#lost();
        throw error;
      }
    });
    this.#fd = fd;
    this.#shortOf = undefined;
  }

  /** Our handler threw, and the descriptor is closed: every directory is read, and watched with a new one. */
  #lost(): void {
    this.#fd = undefined;
    for (const watched of this.#byWatch.values()) this.#unwatched.set(watched.dir, watched);
    this.#byWatch.clear();
    this.#byDir.clear();
  }

  #read(fd: number): void {
    let length: number;
    try {
      length = readSync(fd, this.#buffer, 0, this.#buffer.length, null);
    } catch {
      return;
    }
    for (const event of parseInotify(this.#buffer, length)) this.#notice(event);
  }

  #notice({ watch, mask, name }: InotifyEvent): void {
    if (mask & inotifyMask.overflow) {
      this.#notices?.lost();
      return;
    }
    const watched = this.#byWatch.get(watch);
    if (!watched || mask & inotifyMask.ignored) return;
    const { hierarchy, group } = watched;
    if (mask & inotifyMask.isDir) {
      if (mask & (inotifyMask.delete | MOVED_FROM)) this.#notices?.disappeared(hierarchy, joinPath(group, name));
      else if (mask & (inotifyMask.create | MOVED_TO)) this.#notices?.appeared(hierarchy, joinPath(group, name));
    } else if (mask & MODIFY) this.#notices?.written(hierarchy, group, name);
  }
}
