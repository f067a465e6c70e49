// One control file of one group, held open: what it said last, and what is new when it says something else.
import { closeSync, openSync } from 'node:fs';
import type { ControlFile } from '../../contract/control-files.ts';
import type { ReadingValue } from '../../contract/readings.ts';
import { type Parse, parserOf, readingKey } from './parse.ts';

interface SharedParser {
  readonly parse: Parse;
  /** Reading keys by part, made once for all groups. */
  readonly keys: Map<string, string>;
}

const NOTHING = Buffer.alloc(0);
const ROOM = 16;

const parsers = new Map<string, SharedParser>();

function sharedParser(file: ControlFile): SharedParser {
  let shared = parsers.get(file.name);
  if (!shared) {
    shared = { parse: parserOf(file), keys: new Map() };
    parsers.set(file.name, shared);
  }
  return shared;
}

export type EmitChange = (key: string, value: ReadingValue | null) => void;

export class OpenFile {
  readonly file: ControlFile;
  readonly path: string;
  /** -1 where no descriptor is held: the file is then opened for each reading. */
  readonly fd: number;
  readonly #shared: SharedParser;
  readonly #last = new Map<string, ReadingValue>();
  /** What was read last, in a buffer with room to grow by a few digits. */
  #bytes = NOTHING;
  #length = 0;

  private constructor(file: ControlFile, path: string, fd: number) {
    this.file = file;
    this.path = path;
    this.fd = fd;
    this.#shared = sharedParser(file);
  }

  /** @param hold whether to keep a descriptor; without one the file is opened at each reading. @returns undefined if the group has no such file. */
  static open(file: ControlFile, path: string, hold: boolean): OpenFile | undefined {
    if (!hold) return new OpenFile(file, path, -1);
    try {
      return new OpenFile(file, path, openSync(path, 'r'));
    } catch (error) {
      // Out of descriptors: slower, but every reading is there.
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EMFILE' || code === 'ENFILE') return new OpenFile(file, path, -1);
      return undefined;
    }
  }

  /** Compares what was read with the last time and emits the readings that changed. */
  take(bytes: Buffer, start: number, end: number, emit: EmitChange): void {
    // Most files say the same at most ticks: one comparison of bytes, no parsing.
    const length = end - start;
    if (length === this.#length && bytes.compare(this.#bytes, 0, length, start, end) === 0) return;
    if (this.#bytes.length < length) this.#bytes = Buffer.allocUnsafeSlow(length + ROOM);
    bytes.copy(this.#bytes, 0, start, end);
    this.#length = length;
    this.#shared.parse(bytes, start, end, (part, value) => {
      if (this.#last.get(part) === value) return;
      this.#last.set(part, value);
      emit(this.#key(part), value);
    });
  }

  /** The kernel no longer gives the file: its readings are absent from now on. */
  absent(emit: EmitChange): void {
    for (const part of this.#last.keys()) emit(this.#key(part), null);
    this.#last.clear();
    this.#length = 0;
  }

  close(): void {
    if (this.fd >= 0) closeSync(this.fd);
  }

  #key(part: string): string {
    let key = this.#shared.keys.get(part);
    if (key === undefined) {
      key = readingKey(this.file, part);
      this.#shared.keys.set(part, key);
    }
    return key;
  }
}
