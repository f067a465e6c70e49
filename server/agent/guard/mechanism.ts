// The interface of a guard's mechanism, which cgroup v1 and v2 each implement.

import type { GuardRecord } from './guard-record.ts';
import type { GuardedFiles } from './guarded-files.ts';

/**
 * `high`: memory that cannot be reclaimed reached memory.high; `pressure`: tasks stall at the limit; `oom`: v1's notice; `asked`: on request;
 * `found`: caught before the agent started.
 */
export type CatchReason = 'high' | 'pressure' | 'oom' | 'asked' | 'found';

export interface Caught {
  readonly reason: CatchReason;
  /** When the kernel's signal woke us (monotonicMs()); undefined for `found`. */
  readonly wokeMs: number | undefined;
  /** `freezing` while a task has not stopped: in uninterruptible sleep, or waiting for memory (v1). */
  readonly state: 'freezing' | 'frozen';
  readonly usageBytes: number;
}

export interface MechanismOptions {
  readonly dir: string;
  readonly files: GuardedFiles;
  readonly record: GuardRecord;
  /** The guard, as the author of what it writes. */
  readonly by: string;
  /** Whether the group may be frozen now: never one that contains cgdeck. */
  readonly mayFreeze: () => boolean;
  /** A signal of a group that is not at its path any more: it was removed, or renamed (v1). */
  readonly gone: () => void;
  /** Others thawed the caught group (v2, where it is notified); it is armed at the same line. */
  readonly thawed: () => void;
  /** The group was caught, or all its tasks have stopped. */
  readonly caught: (caught: Caught) => void;
}

export interface ReleaseOptions {
  /** What to wait for before it can be caught again: a killed task of v1 gives its memory back only when it runs. */
  readonly settled?: (() => Promise<void>) | undefined;
  /** Who raised the limits, if not the guard. */
  readonly by?: string | undefined;
}

/** The mechanism for one group, armed or caught. */
export interface Mechanism {
  /** Watches for the signal, and writes nothing yet. A group that is stopped already is caught at once. */
  watch(): void;
  /** Writes the limits. @param by the author, if it is not the guard @throws ProblemError with what the kernel refused */
  apply(by?: string): Promise<void>;
  readonly isCaught: boolean;
  /** Catches the group now. */
  hold(): void;
  /** Another record of the same group, without a change of the group. */
  note(record: GuardRecord): void;
  /**
   * Applies the limits of the record, then thaws; the next signal catches the group again.
   */
  release(record: GuardRecord, options?: ReleaseOptions): Promise<void>;
  /** Thaws, and restores what no other program has changed, unless that would kill. */
  restore(): Promise<void>;
  /** Closes the descriptors and leaves the group as it is. */
  close(): void;
}
