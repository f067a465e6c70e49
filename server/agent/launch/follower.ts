// Follows a launched process to its end by pidfd: through its monitor, and through the process itself where somebody killed the monitor.
import { monotonicMs } from '../kernel/clock.ts';
import type { Sources } from '../kernel/sources.ts';
import type { LaunchRecord, LaunchStore } from './launch-store.ts';
import { openPidfd, startTicks } from './process-identity.ts';

/** `wokeMs`: when the wait returned; undefined for an end that nobody was there to see. */
export type Ended = (wokeMs: number | undefined) => void;

export class Follower {
  readonly #sources: Sources;
  readonly #store: LaunchStore;

  constructor(sources: Sources, store: LaunchStore) {
    this.#sources = sources;
    this.#store = store;
  }

  /** One that was just started, whose monitor is a child of ours. */
  begin(record: LaunchRecord, ended: Ended): void {
    this.#follow(record, true, ended);
  }

  /** One of an earlier run of the agent; ended at once if it is gone. */
  resume(record: LaunchRecord, ended: Ended): void {
    if (startTicks(record.pid) === record.startTicks) this.#follow(record, false, ended);
    else ended(undefined);
  }

  /** The monitor ends right after it has written how the process ended. */
  #follow(record: LaunchRecord, justStarted: boolean, ended: Ended): void {
    // A child of ours keeps its number until we have reaped it, ended or not; one that was found again must prove who it is.
    const monitored = justStarted || startTicks(record.monitorPid) === record.monitorStartTicks;
    const followed = (monitored ? openPidfd(record.monitorPid) : undefined) ?? openPidfd(record.pid);
    if (followed === undefined) {
      ended(justStarted ? monotonicMs() : undefined);
      return;
    }
    const source = this.#sources.watch(`the end of ${record.group}`, followed, 'readable', (_, wokeMs) => {
      source.close();
      const written = this.#store.exit(record) !== undefined;
      const stillRuns = !written && record.startTicks !== 0 && startTicks(record.pid) === record.startTicks;
      if (stillRuns) this.#follow(record, false, ended);
      else ended(wokeMs);
    });
  }
}
