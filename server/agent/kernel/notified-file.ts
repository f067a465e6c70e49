// One control file of "name number" lines that the kernel notifies, kept open: each change is passed on with the counters before and after.
import { openSync, readSync } from 'node:fs';
import { onDisk } from './hierarchy/disk-path.ts';
import type { Source, Sources } from './sources.ts';

export type Counters = Readonly<Record<string, number>>;

/** These files have a dozen short lines. */
const LONGEST_BYTES = 1024;
const buffer = Buffer.alloc(LONGEST_BYTES);

/** Parses a flat-keyed file (cgroup-v2.rst, “Format”); other lines are skipped. */
export function parseCounters(text: string): Counters {
  const counters: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const match = /^(\S+) (\d+)$/.exec(line);
    if (match?.[1] !== undefined) counters[match[1]] = Number(match[2]);
  }
  return counters;
}

/** By how much each counter has grown; a new one counts from 0. One that shrank belongs to a group made again, and is left out. */
export function growth(before: Counters, now: Counters): Counters {
  const grown: Record<string, number> = {};
  for (const [name, value] of Object.entries(now)) {
    const by = value - (before[name] ?? 0);
    if (by > 0) grown[name] = by;
  }
  return grown;
}

type Changed = (now: Counters, before: Counters, wokeMs: number) => void;

export class NotifiedFile {
  readonly #fd: number;
  readonly #source: Source;
  readonly #changed: Changed;
  #last: Counters;

  /**
   * @param changed called after each read with the counters now and before
   * @throws where the file does not exist, or no descriptor is left
   */
  constructor(sources: Sources, path: string, changed: Changed) {
    this.#fd = openSync(onDisk(path), 'r');
    // The kernel notifies a descriptor only after it was read.
    this.#last = this.#read() ?? {};
    this.#changed = changed;
    this.#source = sources.watch(path, this.#fd, 'notified', (_, wokeMs) => this.readNow(wokeMs));
  }

  /**
   * Reads the file now. A read clears the kernel's pending notice, so any change is passed on from here.
   * @returns the counters; undefined if the file was removed (a new file of that name needs a new descriptor)
   */
  readNow(wokeMs: number): Counters | undefined {
    const before = this.#last;
    const now = this.#read();
    if (now === undefined) return undefined;
    this.#last = now;
    this.#changed(now, before, wokeMs);
    return now;
  }

  close(): void {
    this.#source.close();
  }

  #read(): Counters | undefined {
    try {
      return parseCounters(buffer.toString('utf8', 0, readSync(this.#fd, buffer, 0, buffer.length, 0)));
    } catch {
      return undefined;
    }
  }
}
