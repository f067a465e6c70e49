// One control file of one group, held open where there are descriptors: what it says that is not known yet.
import { closeSync, openSync } from 'node:fs';
import { type ControlFile, fileOfReading } from '../../../contract/control-files.ts';
import type { Readings, ReadingValue } from '../../../contract/readings.ts';
import { onDisk } from '../hierarchy/disk-path.ts';
import { type Parse, parserOf, readingKey } from './parse.ts';

interface SharedParser {
  readonly parse: Parse;
  /** Reading keys by part, made once for all groups. */
  readonly keys: Map<string, string>;
}

/** By the registry's entry: v1 and v2 write files of one name in their own ways. */
const parsers = new Map<ControlFile, SharedParser>();

function sharedParser(file: ControlFile): SharedParser {
  let shared = parsers.get(file);
  if (!shared) {
    shared = { parse: parserOf(file), keys: new Map() };
    parsers.set(file, shared);
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
      return new OpenFile(file, path, openSync(onDisk(path), 'r'));
    } catch (error) {
      // Out of descriptors: slower, but every reading is there.
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EMFILE' || code === 'ENFILE') return new OpenFile(file, path, -1);
      return undefined;
    }
  }

  /** Parses what was read and emits the readings that differ from those known. */
  take(bytes: Buffer, start: number, end: number, known: Readings | undefined, emit: EmitChange): void {
    const seen = this.file.format === 'device-settings' ? new Set<string>() : undefined;
    this.#shared.parse(bytes, start, end, (part, value) => {
      const key = this.#key(part);
      seen?.add(key);
      if (known?.[key] !== value) emit(key, value);
    });
    // A disk whose last limit was taken away has no line any more.
    if (seen) for (const key in known) if (fileOfReading(key) === this.file.name && !seen.has(key)) emit(key, null);
  }

  /** The kernel no longer gives the file: its readings are absent from now on. */
  absent(known: Readings | undefined, emit: EmitChange): void {
    for (const key in known) if (fileOfReading(key) === this.file.name) emit(key, null);
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
