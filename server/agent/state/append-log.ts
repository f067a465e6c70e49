// A file of lines that only grows, and the older files before it. What the disk does not take waits in memory, in order: no fault of a disk throws.
import { closeSync, constants, fstatSync, mkdirSync, openSync, renameSync, type Stats, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { visibleJson } from '../../contract/visible.mjs';
import { errnoOf } from '../kernel/errno.ts';
import type { StateFaults } from './state-faults.ts';

/** More than this is not kept in memory for a disk that takes nothing. */
const WAITING_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 1_000;
const FRESH = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND;

export interface AppendLogOptions {
  /** `x.ndjson`: the older files are `x.1.ndjson` and so on, the youngest first. */
  readonly path: string;
  /** How many older files are kept. */
  readonly keep: number;
  /** A file that has grown by so much is followed by a new one. */
  readonly rotateBytes: number;
  /** Lines that begin a new file; after an overflow they stand for the `lost` lines. */
  readonly head?: (lost: number) => readonly string[];
  /** Lines that make good for a file that was lost while it was written, what waits included; absent: the head and what waits. */
  readonly whole?: () => readonly string[];
  /** Such as "The event log", and what it costs that it cannot be written: a sentence. */
  readonly what: string;
  readonly cost: string;
  readonly faults: StateFaults;
}

interface OpenFile {
  readonly fd: number;
  readonly inode: number;
  readonly device: number;
  readonly headBytes: number;
  bytes: number;
}

export class AppendLog {
  readonly #options: AppendLogOptions;
  #file: OpenFile | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** How much of the first that waits is on disk already. */
  #taken = 0;
  #wasLost = false;
  /** It was asked for, and the disk refused. */
  #rotationDue = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** Opens the file; where that cannot be, it is tried again later. */
  constructor(options: AppendLogOptions) {
    this.#options = options;
    this.#flush();
  }

  /** Whether some lines are not on disk yet. */
  get isBehind(): boolean {
    return this.#waiting.length > 0;
  }

  /** Oldest first, whether or not they are there. */
  get files(): readonly string[] {
    return logFiles(this.#options.path, this.#options.keep);
  }

  /** The line is written, or waits until the disk takes it. @returns whether it is on disk */
  append(line: string): boolean {
    if (this.#closed) return false;
    this.#wait([line]);
    return this.#flush();
  }

  /** As `append`, but a line that the disk does not take at once is dropped. */
  appendNow(line: string): boolean {
    if (!this.#flush()) return false;
    if (this.append(line)) return true;
    const torn = this.#taken > 0;
    this.#drop();
    if (torn) this.#wait(['']);
    return false;
  }

  /** Begins a new file with the head, now or once the disk takes it; until then lines go to the old one. */
  rotate(): void {
    this.#rotationDue = !this.#attempt('begun anew', () => {
      const { path, keep } = this.#options;
      const fresh = `${path}.new`;
      const lines = textOf(this.#options.head?.(0) ?? []);
      const fd = openSync(fresh, FRESH, 0o600);
      try {
        for (let at = 0; at < lines.length; ) at += writeSync(fd, lines, at);
        for (let n = keep; n > 0; n--) renameIfThere(olderFile(path, n - 1), olderFile(path, n));
        renameSync(fresh, path);
      } catch (error) {
        closeSync(fd);
        throw error;
      }
      if (this.#file) closeSync(this.#file.fd);
      this.#use(fd, lines.length);
    });
  }

  close(): void {
    this.#flush();
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#file) closeSync(this.#file.fd);
    this.#file = undefined;
  }

  #flush(): boolean {
    if (this.#closed) return false;
    const written = this.#attempt('written', () => {
      const file = this.#open();
      for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
        const count = writeSync(file.fd, first, this.#taken);
        file.bytes += count;
        this.#taken += count;
        if (this.#taken < first.length) continue;
        this.#taken = 0;
        this.#waitingBytes -= first.length;
        this.#waiting.shift();
      }
    });
    const grown = this.#file ? this.#file.bytes - this.#file.headBytes : 0;
    if (written && (this.#rotationDue || grown >= this.#options.rotateBytes)) this.rotate();
    return written;
  }

  /** The file under its name: one that was removed, replaced or cut short meanwhile is begun again. */
  #open(): OpenFile {
    const { path, what, faults, whole } = this.#options;
    const found = statSync(path, { throwIfNoEntry: false });
    if (this.#file && isSame(this.#file, found)) return this.#file;
    if (this.#file) {
      closeSync(this.#file.fd);
      this.#file = undefined;
      this.#wasLost = true;
      faults.set(`${path} lost`, `${what} (${path}) was removed or cut short while cgdeck ran: what only it held is lost.`);
    }
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = this.#use(openSync(path, 'a', 0o600), 0);
    this.#taken = 0;
    if (this.#wasLost && whole) this.#drop();
    const head = this.#wasLost && whole ? whole() : file.bytes === 0 || this.#wasLost ? (this.#options.head?.(0) ?? []) : [];
    this.#wasLost = false;
    // A line that was torn by the end of an earlier run must not swallow the next.
    this.#wait(file.bytes > 0 ? ['', ...head] : head, 'first');
    return file;
  }

  #use(fd: number, headBytes: number): OpenFile {
    const { ino, dev, size } = fstatSync(fd);
    this.#file = { fd, inode: ino, device: dev, headBytes, bytes: size };
    return this.#file;
  }

  #wait(lines: readonly string[], place?: 'first'): void {
    if (lines.length === 0) return;
    const bytes = textOf(lines);
    this.#waitingBytes += bytes.length;
    if (place) this.#waiting.unshift(bytes);
    else this.#waiting.push(bytes);
  }

  #drop(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#taken = 0;
  }

  #attempt(todo: string, work: () => void): boolean {
    const { path, what, cost, faults } = this.#options;
    try {
      work();
      faults.set(path, undefined);
      return true;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === '') throw error;
      // Somebody else's by now, if anybody's.
      if (errno === 'EBADF') this.#file = undefined;
      faults.set(path, `${what} cannot be ${todo} (${errno}: ${path}). ${cost}`);
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#flush();
      }, RETRY_MS).unref();
      if (this.#waitingBytes > WAITING_BYTES) this.#overflow();
      return false;
    }
  }

  #overflow(): void {
    const lost = this.#waiting.length;
    const torn = this.#taken > 0;
    this.#drop();
    this.#wait([...(torn ? [''] : []), ...(this.#options.head?.(lost) ?? [])]);
  }
}

/** Oldest first. */
export function logFiles(path: string, keep: number): readonly string[] {
  return Array.from({ length: keep + 1 }, (_, at) => olderFile(path, keep - at));
}

function olderFile(path: string, n: number): string {
  return n === 0 ? path : path.replace(/(\.[^./]+)$/, `.${n}$1`);
}

/** Lines of JSON, as whoever reads the file in a terminal may see them. */
function textOf(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${visibleJson(line)}\n`).join(''));
}

function isSame(file: OpenFile, found: Stats | undefined): boolean {
  return found !== undefined && found.ino === file.inode && found.dev === file.device && found.size >= file.bytes;
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
