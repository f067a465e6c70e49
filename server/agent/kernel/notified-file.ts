// One control file of lines "name number" that the kernel notifies, held open: every notice comes with what the file says now.
import { openSync, readSync } from 'node:fs';
import { onDisk } from './hierarchy/disk-path.ts';
import type { Source, Sources } from './sources.ts';

export type Counters = Readonly<Record<string, number>>;

/** Longer than any file of this kind: a dozen short lines. */
const LONGEST_BYTES = 1024;
const buffer = Buffer.alloc(LONGEST_BYTES);

/** Flat-keyed (cgroup-v2.rst, “Format”); a line of another form is passed over. */
export function parseCounters(text: string): Counters {
  const counters: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const match = /^(\S+) (\d+)$/.exec(line);
    if (match?.[1] !== undefined) counters[match[1]] = Number(match[2]);
  }
  return counters;
}

/** By how much each counter has grown; one that is new starts at nothing, and one that shrank is another group's. */
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
   * @param changed called after each look with what the file says now and said before
   * @throws where the file is not there, or descriptors are used up
   */
  constructor(sources: Sources, path: string, changed: Changed) {
    this.#fd = openSync(onDisk(path), 'r');
    // Reading is what makes the kernel notify this descriptor of what comes later.
    this.#last = this.#read() ?? {};
    this.#changed = changed;
    this.#source = sources.watch(path, this.#fd, 'notified', (_, wokeMs) => this.look(wokeMs));
  }

  /**
   * Reads it now. The kernel takes that for the answer to its notice, and does not repeat it: what is new is reported from here.
   * @returns what it says; undefined where it went from under the descriptor (one that is there now under its name is another), which others report
   */
  look(wokeMs: number): Counters | undefined {
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
