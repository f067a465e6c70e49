// One control file of one group, kept open while descriptors last; emits the readings that have changed.
import { closeSync, openSync } from 'node:fs';
import { type ControlFile, fileOfReading } from '../../../contract/control-files.ts';
import type { Readings, ReadingValue } from '../../../contract/readings.ts';
import { onDisk } from '../hierarchy/disk-path.ts';
import { type Parse, parserOf, readingKey } from './parse.ts';

interface SharedParser {
  readonly parse: Parse;
  /** Reading keys by part, composed once for all groups. */
  readonly keys: Map<string, string>;
}

/** By registry entry, since v1 and v2 format files of the same name differently. */
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
  /** -1 if the file is not kept open: it is opened at each read. */
  readonly fd: number;
  readonly #shared: SharedParser;
  /** How many readings it had at last. */
  #parts: number | undefined;

  private constructor(file: ControlFile, path: string, fd: number) {
    this.file = file;
    this.path = path;
    this.fd = fd;
    this.#shared = sharedParser(file);
  }

  /** @param mayKeep whether a descriptor of that number is kept open; left out, or not: the file is opened at each read @returns undefined if the group has no such file */
  static open(file: ControlFile, path: string, mayKeep?: (fd: number) => boolean): OpenFile | undefined {
    if (!mayKeep) return new OpenFile(file, path, -1);
    try {
      const fd = openSync(onDisk(path), 'r');
      if (mayKeep(fd)) return new OpenFile(file, path, fd);
      closeSync(fd);
      return new OpenFile(file, path, -1);
    } catch (error) {
      // Out of descriptors: opened at each read, which is slower.
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EMFILE' || code === 'ENFILE') return new OpenFile(file, path, -1);
      return undefined;
    }
  }

  /** Parses what was read and emits the readings that differ from those known. */
  take(bytes: Buffer, start: number, end: number, known: Readings | undefined, emit: EmitChange): void {
    let parts = 0;
    let isNew = false;
    this.#shared.parse(bytes, start, end, (part, value) => {
      const key = this.#key(part);
      parts++;
      isNew ||= known?.[key] === undefined;
      if (known?.[key] !== value) emit(key, value);
    });
    // A line can vanish: of a device whose last limit was removed, of cpu.stat where the controller is disabled. Seldom, so that it is looked
    // for only where there are fewer lines, or others.
    const mayLack = this.#parts === undefined || parts < this.#parts || isNew;
    this.#parts = parts;
    if (known && mayLack) this.#vanished(bytes, start, end, known, emit);
  }

  #vanished(bytes: Buffer, start: number, end: number, known: Readings, emit: EmitChange): void {
    const seen = new Set<string>();
    this.#shared.parse(bytes, start, end, (part) => seen.add(this.#key(part)));
    for (const key in known) if (fileOfReading(key) === this.file.name && !seen.has(key)) emit(key, null);
  }

  /** The file cannot be read any more: emits null for all its readings. */
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
