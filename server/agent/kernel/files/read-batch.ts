// Reads some hundred files in one native call on a thread of the pool; only those that changed come back.
import { NEVER_READ, notKeptOpen, readChanged } from '../../../../native/libc/read-changed.ts';
import { cPath } from '../hierarchy/disk-path.ts';
import type { OpenFile } from './open-file.ts';

/** Control files are small; one that fills this is reported as too long, and read again as a whole. */
const EACH_BYTES = 8192;
const FIRST_BYTES = 64 * 1024;
const CLOSED = -1;

export interface BatchFile {
  readonly gid: number;
  readonly file: OpenFile;
}

/** What changed since the last read of a file: its bytes, that it can be read, or that it fits. */
export interface BatchNews {
  changed(entry: BatchFile, bytes: Buffer, start: number, end: number): void;
  failed(entry: BatchFile): void;
  tooLong(entry: BatchFile): void;
}

export class ReadBatch {
  /** Files in use. */
  live = 0;
  readonly #files: (BatchFile | undefined)[] = [];
  #fds = new Int32Array(0);
  #paths = Buffer.alloc(1);
  #lengths = new Int32Array(0);
  #beforeLengths = new Int32Array(0);
  #changed = new Int32Array(0);
  #now = Buffer.alloc(FIRST_BYTES);
  #before = Buffer.alloc(FIRST_BYTES);

  /** Places in use, those of removed files included. */
  get size(): number {
    return this.#files.length;
  }

  /** @returns the file's place, for `remove` */
  add(entry: BatchFile): number {
    this.live++;
    return this.#files.push(entry) - 1;
  }

  /** Call it before closing the file: the descriptor's number may be reused at once. */
  remove(place: number): void {
    if (!this.#files[place]) return;
    this.#files[place] = undefined;
    if (place < this.#fds.length) this.#fds[place] = CLOSED;
    this.live--;
  }

  async read(news: BatchNews): Promise<void> {
    this.#resize();
    const count = this.#fds.length;
    for (;;) {
      const { read, changes } = await readChanged(
        {
          fds: this.#fds,
          paths: this.#paths,
          now: this.#now,
          lengths: this.#lengths,
          before: this.#before,
          beforeLengths: this.#beforeLengths,
          changed: this.#changed,
        },
        EACH_BYTES,
      );
      if (read < count) {
        // The buffer was full: read again into one twice as large, compared with the same `before`.
        this.#now = Buffer.alloc(this.#now.length * 2);
        continue;
      }
      for (let i = 0; i < changes; i++) this.#report(this.#changed[i * 2] ?? 0, this.#changed[i * 2 + 1] ?? 0, news);
      break;
    }
    [this.#now, this.#before] = [this.#before, this.#now];
    [this.#lengths, this.#beforeLengths] = [this.#beforeLengths, this.#lengths];
    if (this.#now.length < this.#before.length) this.#now = Buffer.alloc(this.#before.length);
  }

  #report(place: number, offset: number, news: BatchNews): void {
    const entry = this.#files[place];
    const length = this.#lengths[place] ?? 0;
    // Removed during the read: the bytes may come from another file with the same number.
    if (!entry || this.#fds[place] === CLOSED) return;
    if (length < 0) news.failed(entry);
    else if (length === EACH_BYTES) news.tooLong(entry);
    else news.changed(entry, this.#now, offset, offset + length);
  }

  /** Makes room for added files, which count as never read. */
  #resize(): void {
    const count = this.#files.length;
    if (count === this.#fds.length) return;
    const known = this.#beforeLengths;
    const paths: Buffer[] = [Buffer.alloc(1)];
    let offset = 1;
    this.#fds = Int32Array.from(this.#files, (entry) => {
      if (!entry) return CLOSED;
      if (entry.file.fd >= 0) return entry.file.fd;
      const path = cPath(entry.file.path);
      paths.push(path);
      offset += path.length;
      return notKeptOpen(offset - path.length);
    });
    this.#paths = Buffer.concat(paths);
    this.#lengths = new Int32Array(count);
    this.#beforeLengths = new Int32Array(count).fill(NEVER_READ);
    this.#beforeLengths.set(known);
    this.#changed = new Int32Array(count * 2);
  }
}
