// The control files of all groups, read many in one native call on a thread of the pool; only those that changed come back.
import { closeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { OPEN_AND_KEEP, OPEN_ONCE, readChanged } from '../../../../native/libc/read-changed.ts';
import { cPath } from '../hierarchy/disk-path.ts';

/** Control files are small; one that fills this is reported as too long, and has to be read as a whole. */
const EACH_BYTES = 8192;
/** Files in one call: enough to make the way to the other thread cheap, few enough for its buffers. */
const CALL_FILES = 512;
/** open(2): ENAMETOOLONG beyond it. */
const PATH_MAX = 4096;
/** What is reported at once before other work runs. */
const SLICE_MS = 5;
const REPORTS_PER_LOOK = 32;
/** In place of a descriptor: the group has no such file. */
const ABSENT = -1;
/** errno(3): no descriptors are left, which says nothing of the file. */
const [EMFILE, ENFILE] = [24, 23];

export interface FileOwner {
  /** The path of its file `index`. */
  pathOf(index: number): string;
}

/** What changed since the last read of a file: its bytes, that it can be read, or that it fits. */
export interface FileNews<Owner> {
  changed(owner: Owner, index: number, bytes: Buffer, start: number, end: number): void;
  failed(owner: Owner, index: number): void;
  tooLong(owner: Owner, index: number): void;
}

export class FileTable<Owner extends FileOwner> {
  readonly #mayKeep: (fd: number) => boolean;
  /** By place: a descriptor, OPEN_ONCE, OPEN_AND_KEEP or ABSENT. */
  #fds = new Int32Array(CALL_FILES);
  /** By place: a hash of what was read at last. */
  #seen = new BigUint64Array(CALL_FILES);
  #indexes = new Uint16Array(CALL_FILES);
  readonly #owners: (Owner | undefined)[] = [];
  /** First places of blocks that can be used again, by their size. */
  readonly #free = new Map<number, number[]>();
  /** During a read: blocks and descriptors that are free once it has ended. The other thread may be using them. */
  #reading = false;
  readonly #removed: { readonly first: number; readonly count: number }[] = [];
  readonly #toClose: number[] = [];
  readonly #paths = Buffer.alloc(CALL_FILES * PATH_MAX);
  readonly #out = Buffer.alloc(CALL_FILES * EACH_BYTES);
  readonly #changed = new Int32Array(CALL_FILES * 3);
  readonly #kept = new Int32Array(CALL_FILES * 2);
  #noneLeft = false;
  /** Descriptors that are kept open. */
  open = 0;
  /** Files that were read since the start. */
  reads = 0;

  /** @param mayKeep whether a descriptor of that number may be kept open: the kernel gives the lowest that is free (open(2)) */
  constructor(mayKeep: (fd: number) => boolean) {
    this.#mayKeep = mayKeep;
  }

  /** @returns the place of the owner's first file; the others follow */
  add(owner: Owner, count: number): number {
    const first = this.#free.get(count)?.pop() ?? this.#owners.length;
    while (this.#fds.length < first + count) this.#grow();
    for (let index = 0; index < count; index++) {
      this.#owners[first + index] = owner;
      this.#indexes[first + index] = index;
      this.#fds[first + index] = OPEN_ONCE;
      this.#seen[first + index] = 0n;
    }
    return first;
  }

  remove(first: number, count: number): void {
    for (let place = first; place < first + count; place++) {
      this.close(place);
      this.#owners[place] = undefined;
    }
    if (this.#reading) this.#removed.push({ first, count });
    else this.#reuse(first, count);
  }

  isAbsent(place: number): boolean {
    return this.#fds[place] === ABSENT;
  }

  /** The next read reports the file, whatever it has. */
  forget(place: number): void {
    this.#seen[place] = 0n;
  }

  /** From the next read on the file is kept open, while descriptors last. */
  keep(place: number): void {
    if (this.#fds[place] === OPEN_ONCE && !this.#noneLeft) this.#fds[place] = OPEN_AND_KEEP;
  }

  /** The file is opened for each read. */
  close(place: number): void {
    const fd = this.#fds[place] ?? ABSENT;
    if (fd !== ABSENT) this.#fds[place] = OPEN_ONCE;
    if (fd < 0) return;
    this.open--;
    this.#noneLeft = false;
    if (this.#reading) this.#toClose.push(fd);
    else closeSync(fd);
  }

  /** @param except the file of these that stays open; -1: none */
  closeAll(first: number, count: number, except: number): void {
    for (let index = 0; index < count; index++) if (index !== except) this.close(first + index);
  }

  /** One at a time. Of owners that are removed meanwhile nothing is reported. */
  async read(places: readonly number[], news: FileNews<Owner>): Promise<void> {
    for (let at = 0; at < places.length; at += CALL_FILES) await this.#read(Int32Array.from(places.slice(at, at + CALL_FILES)), news);
  }

  async #read(places: Int32Array, news: FileNews<Owner>): Promise<void> {
    this.#reading = true;
    this.reads += places.length;
    const request = { places, fds: this.#request(places), paths: this.#paths, seen: this.#seen, out: this.#out, changed: this.#changed };
    const { changes, kept } = await readChanged({ ...request, kept: this.#kept }, EACH_BYTES);
    for (let i = 0; i < kept; i++) this.#opened(places[this.#kept[i * 2] ?? 0] ?? 0, this.#kept[i * 2 + 1] ?? -1);
    for (const fd of this.#toClose.splice(0)) closeSync(fd);
    for (let i = 0, since = performance.now(); i < changes; i++) {
      this.#report(places, i * 3, news);
      if (i % REPORTS_PER_LOOK !== 0 || performance.now() - since < SLICE_MS) continue;
      await nextTurn();
      since = performance.now();
    }
    this.#reading = false;
    for (const { first, count } of this.#removed.splice(0)) this.#reuse(first, count);
  }

  /** What to do with each file, and the paths of those that are opened. */
  #request(places: Int32Array): Int32Array {
    let at = 0;
    return places.map((place) => {
      const fd = this.#fds[place] ?? ABSENT;
      if (fd >= 0) return fd;
      const path = this.#owners[place]?.pathOf(this.#indexes[place] ?? 0) ?? '';
      // What is too long becomes "", which open(2) does not find.
      if (!path.isWellFormed()) {
        const bytes = cPath(path);
        if (bytes.length <= PATH_MAX) at += bytes.copy(this.#paths, at) - 1;
      } else if (Buffer.byteLength(path) < PATH_MAX) at += this.#paths.write(path, at);
      this.#paths[at++] = 0;
      return fd === OPEN_AND_KEEP ? OPEN_AND_KEEP : OPEN_ONCE;
    });
  }

  #opened(place: number, fd: number): void {
    const isWanted = this.#fds[place] === OPEN_AND_KEEP;
    if (isWanted && this.#mayKeep(fd)) {
      this.#fds[place] = fd;
      this.open++;
      return;
    }
    if (isWanted) {
      this.#fds[place] = OPEN_ONCE;
      this.#noneLeft = true;
    }
    closeSync(fd);
  }

  #report(places: Int32Array, at: number, news: FileNews<Owner>): void {
    const place = places[this.#changed[at] ?? 0] ?? 0;
    const start = this.#changed[at + 1] ?? 0;
    const got = this.#changed[at + 2] ?? 0;
    const owner = this.#owners[place];
    if (!owner) return;
    const index = this.#indexes[place] ?? 0;
    if (got >= EACH_BYTES) news.tooLong(owner, index);
    else if (got >= 0) {
      if (this.isAbsent(place)) this.#fds[place] = OPEN_ONCE;
      news.changed(owner, index, this.#out, start, start + got);
    } else if (got === -EMFILE || got === -ENFILE) {
      this.forget(place);
      this.close(place);
      this.#noneLeft = true;
    } else {
      this.close(place);
      this.#fds[place] = ABSENT;
      news.failed(owner, index);
    }
  }

  #reuse(first: number, count: number): void {
    const free = this.#free.get(count) ?? [];
    this.#free.set(count, free);
    free.push(first);
  }

  #grow(): void {
    const bigger = this.#fds.length * 2;
    const [fds, seen, indexes] = [new Int32Array(bigger), new BigUint64Array(bigger), new Uint16Array(bigger)];
    fds.set(this.#fds);
    seen.set(this.#seen);
    indexes.set(this.#indexes);
    [this.#fds, this.#seen, this.#indexes] = [fds, seen, indexes];
  }
}
