// What a version of cgroups has to hold a group with: the same steps for both, so that whoever holds need not know which it is.
import type { HeldFiles } from './held-files.ts';
import type { HoldRecord } from './hold-record.ts';

/** `high`: memory.high was met by what cannot be reclaimed; `pressure`: tasks stand still at the line; `oom`: v1's notice; `found`: held before we started. */
export type HoldReason = 'high' | 'pressure' | 'oom' | 'found';

export interface Caught {
  readonly reason: HoldReason;
  /** When the kernel's signal woke us, monotonic ms; undefined for what was found. */
  readonly wokeMs: number | undefined;
  /** `freezing` as long as a task has not stopped: in uninterruptible sleep, or waiting for memory (v1). */
  readonly state: 'freezing' | 'frozen';
  readonly usageBytes: number;
}

export interface MeansOptions {
  readonly dir: string;
  readonly files: HeldFiles;
  readonly record: HoldRecord;
  /** Whether the group may be frozen at this moment: never one that holds cgdeck itself. */
  readonly mayFreeze: () => boolean;
  /** The group was caught, or has come to stand still entirely. */
  readonly caught: (caught: Caught) => void;
}

/** One group that is armed or held. */
export interface Means {
  /** Watches for the signal; nothing is written yet. A group that is held already is caught at once. */
  watch(): void;
  /** Writes the wall and the line. @throws ProblemError with what the kernel refused */
  draw(): Promise<void>;
  readonly held: boolean;
  /** The line and wall of the record, as they are now, then thaws; the next signal catches it again. */
  letGo(record: HoldRecord): Promise<void>;
  /** Thaws, and puts everything back, as far as nobody else has changed it and nothing is killed by it. */
  restore(): Promise<void>;
  /** Lets go of the descriptors; the group stays as it is. */
  close(): void;
}
