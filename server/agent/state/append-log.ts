// A log of lines in one file and some older ones. Lines that the disk refuses wait in memory, in order; no fault of the disk throws.
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, renameSync, type Stats, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseJson } from '../../contract/parse-json.ts';
import { visibleJson } from '../../contract/visible.mjs';
import { errnoOf } from '../kernel/errno.ts';
import type { StateFaults } from './state-faults.ts';

/** The most that waits in memory; then it is dropped. */
const WAITING_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 1_000;
const FRESH = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND;

export interface AppendLogOptions {
  /** `x.ndjson`: the older files are `x.1.ndjson` (the newest), `x.2.ndjson` and so on. */
  readonly path: string;
  /** How many older files are kept. */
  readonly keep: number;
  /** A new file is begun when the current one has grown by this much. */
  readonly rotateBytes: number;
  /** The first lines of a new file; after an overflow, in place of the `lost` lines. */
  readonly head?: (lost: number) => readonly string[];
  /** The lines of a file that replaces a lost one, waiting lines included; if absent, the head and the waiting lines. */
  readonly whole?: () => readonly string[];
  /** Such as "The event log", and a sentence with the consequence if it cannot be written. */
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
  /** Bytes of the first waiting lines that are on disk already. */
  #taken = 0;
  #wasLost = false;
  /** The disk refused a new file. */
  #rotationDue = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** Opens the file; if that fails, it is tried again later. */
  constructor(options: AppendLogOptions) {
    this.#options = options;
    this.#flush();
  }

  /** The paths of all files, oldest first; some may not exist. */
  get files(): readonly string[] {
    return logFiles(this.#options.path, this.#options.keep);
  }

  /** Writes the line, now or when the disk accepts it. @returns whether it is on disk */
  append(line: string): boolean {
    if (this.#closed) return false;
    this.#wait([line]);
    return this.#flush();
  }

  /** As `append`, but drops a line that the disk refuses. */
  appendNow(line: string): boolean {
    if (!this.#flush()) return false;
    if (this.append(line)) return true;
    const torn = this.#taken > 0;
    this.#drop();
    if (torn) this.#wait(['']);
    return false;
  }

  /** Begins a new file with the head, now or when the disk accepts it; until then the old one is used. */
  rotate(): void {
    this.#rotationDue = !this.#attempt('rotated', () => {
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

  /** Opens the file, also again if it was removed, replaced or truncated. */
  #open(): OpenFile {
    const { path, what, faults, whole } = this.#options;
    const found = statSync(path, { throwIfNoEntry: false });
    if (this.#file && isSame(this.#file, found)) return this.#file;
    if (this.#file) {
      closeSync(this.#file.fd);
      this.#file = undefined;
      this.#wasLost = true;
      faults.set(`${path} lost`, `${what} (${path}) was removed or truncated while cgdeck ran: lines that were only there are lost.`);
    }
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = this.#use(openSync(path, 'a', 0o600), 0);
    this.#taken = 0;
    if (this.#wasLost && whole) this.#drop();
    const head = this.#wasLost && whole ? whole() : file.bytes === 0 || this.#wasLost ? (this.#options.head?.(0) ?? []) : [];
    this.#wasLost = false;
    // A line cut off at the end of an earlier run must not merge with the next.
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
      // The descriptor is not ours any more.
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

/** The text of a file; "" if it cannot be read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * The lines of a log as JSON.
 * @param cost what is lost by lines that are neither objects nor lists, which are reported; the last one may be incomplete, as when cgdeck was killed
 */
export function readJsonLines(path: string, cost: string, faults: StateFaults): object[] {
  const lines = readText(path).split('\n');
  const whole = lines.slice(0, -1).filter((line) => line !== '');
  const entries = whole.map(parseJson).filter((entry) => typeof entry === 'object' && entry !== null);
  faults.damaged(path, whole.length - entries.length, cost);
  return entries;
}

/** Oldest first. */
export function logFiles(path: string, keep: number): readonly string[] {
  return Array.from({ length: keep + 1 }, (_, at) => olderFile(path, keep - at));
}

function olderFile(path: string, n: number): string {
  return n === 0 ? path : path.replace(/(\.[^./]+)$/, `.${n}$1`);
}

/** JSON lines without characters that control a terminal. */
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
