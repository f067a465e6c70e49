// inotify on every group's directory: children that come and go, and control files that somebody wrote.
import { readSync } from 'node:fs';
import { inotifyAdd, inotifyInit, inotifyMask, inotifyRemove } from '../../../../native/libc/inotify.ts';
import { joinPath } from '../../../contract/paths.ts';
import type { DirWatcher } from '../../kernel/hierarchy/group-tree.ts';
import type { Hierarchy } from '../../kernel/hierarchy/mounts.ts';
import type { Source, Sources } from '../../kernel/sources.ts';

export interface TreeNotices {
  appeared(hierarchy: Hierarchy, path: string): void;
  gone(hierarchy: Hierarchy, path: string): void;
  /** A control file was written, by anybody. */
  written(hierarchy: Hierarchy, group: string, file: string): void;
  /** Notices were lost: look at everything. */
  lost(): void;
}

/** inotify(7); v1 lets a group be renamed. */
const MODIFY = 0x2;
const MOVED_FROM = 0x40;
const MOVED_TO = 0x80;
const MASK = MODIFY | MOVED_FROM | MOVED_TO | inotifyMask.create | inotifyMask.delete | inotifyMask.onlyDir;
const HEADER_BYTES = 16;

interface Watched {
  readonly hierarchy: Hierarchy;
  readonly group: string;
  readonly dir: string;
}

export interface InotifyEvent {
  readonly watch: number;
  readonly mask: number;
  readonly name: string;
}

/** inotify(7): struct inotify_event, name padded with NULs. */
export function parseInotify(bytes: Buffer, length: number): InotifyEvent[] {
  const events: InotifyEvent[] = [];
  for (let at = 0; at + HEADER_BYTES <= length; ) {
    const size = bytes.readUInt32LE(at + 12);
    const name = bytes.toString('utf8', at + HEADER_BYTES, at + HEADER_BYTES + size).replace(/\0+$/, '');
    events.push({ watch: bytes.readInt32LE(at), mask: bytes.readUInt32LE(at + 4), name });
    at += HEADER_BYTES + size;
  }
  return events;
}

export class TreeWatch implements DirWatcher {
  readonly #sources: Sources;
  readonly #fd = inotifyInit();
  readonly #byWatch = new Map<number, Watched>();
  readonly #byDir = new Map<string, number>();
  readonly #buffer = Buffer.alloc(64 * 1024);
  #notices: TreeNotices | undefined;
  #source: Source | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  start(notices: TreeNotices): void {
    this.#notices = notices;
    this.#source = this.#sources.watch('the tree of groups', this.#fd, 'readable', () => this.#read());
  }

  watch(dir: string, hierarchy: Hierarchy, group: string): void {
    let watch: number;
    try {
      watch = inotifyAdd(this.#fd, dir, MASK);
    } catch {
      // Gone already, or the user's watches are used up (fs.inotify.max_user_watches): the regular scan finds what happens there.
      return;
    }
    this.#byWatch.set(watch, { hierarchy, group, dir });
    this.#byDir.set(dir, watch);
  }

  unwatch(dir: string): void {
    const watch = this.#byDir.get(dir);
    if (watch === undefined) return;
    this.#byDir.delete(dir);
    // A group that was renamed has the watch that it had, which may be noted under its new name already.
    if (this.#byWatch.get(watch)?.dir !== dir) return;
    this.#byWatch.delete(watch);
    inotifyRemove(this.#fd, watch);
  }

  close(): void {
    this.#source?.close();
  }

  #read(): void {
    let length: number;
    try {
      length = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, null);
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
      if (mask & (inotifyMask.delete | MOVED_FROM)) this.#notices?.gone(hierarchy, joinPath(group, name));
      else if (mask & (inotifyMask.create | MOVED_TO)) this.#notices?.appeared(hierarchy, joinPath(group, name));
    } else if (mask & MODIFY) this.#notices?.written(hierarchy, group, name);
  }
}
