// The readings of one control file: from its bytes, those that have changed. One for each entry of the registry, shared by all groups.
import { type ControlFile, fileOfReading } from '../../../contract/control-files.ts';
import type { Readings, ReadingValue } from '../../../contract/readings.ts';
import { parserOf, readingKey } from './parse.ts';
import type { Parse } from './parse-lines.ts';

export type EmitChange = (key: string, value: ReadingValue | null) => void;

/** By registry entry, since v1 and v2 format files of the same name differently. */
const shared = new Map<ControlFile, FileReadings>();

export class FileReadings {
  readonly file: ControlFile;
  readonly #parse: Parse;
  /** Reading keys by part, composed once. */
  readonly #keys = new Map<string, string>();

  private constructor(file: ControlFile) {
    this.file = file;
    this.#parse = parserOf(file);
  }

  static of(file: ControlFile): FileReadings {
    let readings = shared.get(file);
    if (!readings) {
      readings = new FileReadings(file);
      shared.set(file, readings);
    }
    return readings;
  }

  /**
   * Parses what was read and emits the readings that differ from those known.
   * @param before how many readings the group's file had at last; -1: it was not read before
   * @returns how many it has now
   */
  take(bytes: Buffer, start: number, end: number, before: number, known: Readings | undefined, emit: EmitChange): number {
    let parts = 0;
    let isNew = false;
    this.#parse(bytes, start, end, (part, value) => {
      const key = this.#key(part);
      parts++;
      isNew ||= known?.[key] === undefined;
      if (known?.[key] !== value) emit(key, value);
    });
    // A line can vanish: of a device whose last limit was removed, of cpu.stat where the controller is disabled. Seldom, so that it is looked
    // for only where there are fewer lines, or others.
    if (known && (parts < before || before < 0 || isNew)) this.#vanished(bytes, start, end, known, emit);
    return parts;
  }

  #vanished(bytes: Buffer, start: number, end: number, known: Readings, emit: EmitChange): void {
    const seen = new Set<string>();
    this.#parse(bytes, start, end, (part) => seen.add(this.#key(part)));
    for (const key in known) if (fileOfReading(key) === this.file.name && !seen.has(key)) emit(key, null);
  }

  /** The file cannot be read any more: emits null for all its readings. */
  absent(known: Readings | undefined, emit: EmitChange): void {
    for (const key in known) if (fileOfReading(key) === this.file.name) emit(key, null);
  }

  #key(part: string): string {
    let key = this.#keys.get(part);
    if (key === undefined) {
      key = readingKey(this.file, part);
      this.#keys.set(part, key);
    }
    return key;
  }
}
