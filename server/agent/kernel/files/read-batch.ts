// Some hundred files, held open as far as descriptors reach, that are read in one go, off the main thread; only those that say something new come back.
import { NEVER_READ, readChanged, unheld } from '../../../../native/libc/read-changed.ts';
import { cPath } from '../hierarchy/disk-path.ts';
import type { OpenFile } from './open-file.ts';

/** Control files are small; one that fills this is read again whole by whoever asks. */
const EACH_BYTES = 8192;
const FIRST_BYTES = 64 * 1024;
const CLOSED = -1;

export interface BatchFile {
  readonly gid: number;
  readonly file: OpenFile;
}

/** What became of a file since the last read: its new bytes, an error, or more than fits. */
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

  /** Places taken, of closed files too. */
  get size(): number {
    return this.#files.length;
  }

  /** @returns its place, by which it is removed */
  add(entry: BatchFile): number {
    this.live++;
    return this.#files.push(entry) - 1;
  }

  /** To be called before the file is closed: its number may soon be another file's. */
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
        // Full: once more with twice the room; `before` stays as it was.
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
    // Closed while it was read: what came back may be of another file with the same number.
    if (!entry || this.#fds[place] === CLOSED) return;
    if (length < 0) news.failed(entry);
    else if (length === EACH_BYTES) news.tooLong(entry);
    else news.changed(entry, this.#now, offset, offset + length);
  }

  /** Files that were added have never been read. */
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
      return unheld(offset - path.length);
    });
    this.#paths = Buffer.concat(paths);
    this.#lengths = new Int32Array(count);
    this.#beforeLengths = new Int32Array(count).fill(NEVER_READ);
    this.#beforeLengths.set(known);
    this.#changed = new Int32Array(count * 2);
  }
}
