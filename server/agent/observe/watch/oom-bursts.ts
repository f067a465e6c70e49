// Out-of-memory notices of one group, of which a storm sends hundreds a second: a burst of them is one event that grows.
import type { Clock } from '../../kernel/clock.ts';
import type { Turns } from './turns.ts';

/** Notices no further apart belong to one burst. */
const PAUSE_MS = 5000;
/** A new version of the event is made after a tenth of the burst's age: dozens for a burst of any length. */
const LEAST_MS = 1000;
const MOST_MS = 60_000;
const SECOND_MS = 1000;

export interface OomBurst {
  readonly group: string;
  /** Notices. */
  readonly count: number;
  /** The most of them within a second. */
  readonly peakPerSec: number;
  /** Kills in the group since the first notice. */
  readonly killed: number;
  /** Whether the group's tasks wait, as the last notice has it. */
  readonly underOom: boolean;
  /** Wall clock, ms. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** When the last notice woke us, monotonic ms. */
  readonly wokeMs: number;
  /** Its first version, once there is one. */
  readonly first?: FirstVersion;
}

export interface FirstVersion {
  readonly id: number;
  readonly latencyMs?: number | undefined;
}

type Growing = { -readonly [K in keyof OomBurst]: OomBurst[K] } & {
  readonly startedMs: number;
  /** By the clock: the last notice or kill. */
  grewMs: number;
  secondMs: number;
  inSecond: number;
  /** Whether it has grown since its last version. */
  hasNews: boolean;
  /** Between the first notice and the burst's end: a version waits for its turn or its time. */
  isOpen: boolean;
  cancel: () => void;
};

export interface OomBurstsOptions {
  readonly clock: Clock;
  readonly turns: Turns;
  /** Wall clock, ms. */
  readonly wallMs: () => number;
  readonly emit: (burst: OomBurst) => FirstVersion;
}

export class OomBursts {
  readonly #options: OomBurstsOptions;
  readonly #bursts = new Map<string, Growing>();

  constructor(options: OomBurstsOptions) {
    this.#options = options;
  }

  noticed(group: string, count: number, underOom: boolean, wokeMs: number): void {
    const burst = this.#of(group);
    const nowMs = this.#options.clock.now();
    if (nowMs - burst.secondMs >= SECOND_MS) Object.assign(burst, { secondMs: nowMs, inSecond: 0 });
    burst.inSecond += count;
    burst.peakPerSec = Math.max(burst.peakPerSec, burst.inSecond);
    burst.count += count;
    burst.lastMs = this.#options.wallMs();
    Object.assign(burst, { underOom, wokeMs, hasNews: true });
    if (burst.isOpen) return;
    burst.isOpen = true;
    // Without a turn: the first notice of a group is never late, however many others are short of memory.
    this.#grown(burst);
  }

  /** Kills are events of their own; the burst has only their number. */
  killed(group: string, count: number): void {
    const burst = this.#of(group);
    burst.killed += count;
    burst.hasNews = true;
  }

  /** Ends the bursts of one group or of all, with a last version of what has grown. */
  flush(group?: string): void {
    for (const burst of group === undefined ? [...this.#bursts.values()] : [this.#bursts.get(group)]) if (burst) this.#end(burst);
  }

  /** The kernel may report a kill before the notice. */
  #of(group: string): Growing {
    const nowMs = this.#options.clock.now();
    const known = this.#bursts.get(group);
    if (known && nowMs - known.grewMs <= PAUSE_MS) {
      known.grewMs = nowMs;
      return known;
    }
    if (known) this.#end(known);
    const wallMs = this.#options.wallMs();
    const burst: Growing = {
      ...{ group, count: 0, peakPerSec: 0, killed: 0, underOom: false, firstMs: wallMs, lastMs: wallMs, wokeMs: 0 },
      ...{ startedMs: nowMs, grewMs: nowMs, secondMs: nowMs, inSecond: 0, hasNews: false, isOpen: false, cancel: () => {} },
    };
    this.#bursts.set(group, burst);
    return burst;
  }

  #version(burst: Growing): void {
    this.#options.turns.take(() => {
      if (this.#bursts.get(burst.group) === burst) this.#grown(burst);
    });
  }

  #grown(burst: Growing): void {
    this.#emit(burst);
    const ageMs = this.#options.clock.now() - burst.startedMs;
    this.#wait(burst, Math.min(Math.max(ageMs / 10, LEAST_MS), MOST_MS));
  }

  #wait(burst: Growing, ms: number): void {
    burst.cancel = this.#options.clock.after(ms, () => {
      const leftMs = PAUSE_MS - (this.#options.clock.now() - burst.grewMs);
      if (burst.hasNews) this.#version(burst);
      else if (leftMs > 0) this.#wait(burst, leftMs);
      else this.#end(burst);
    });
  }

  #end(burst: Growing): void {
    burst.cancel();
    this.#bursts.delete(burst.group);
    this.#emit(burst);
  }

  /** Kills without a notice are no burst. */
  #emit(burst: Growing): void {
    if (!burst.hasNews || !burst.isOpen) return;
    burst.hasNews = false;
    const version = this.#options.emit(burst);
    burst.first ??= version;
  }
}
