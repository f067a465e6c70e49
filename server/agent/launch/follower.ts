// Follows a launched process to its end by pidfd: through its monitor, and through the process itself where somebody killed the monitor.
import { monotonicMs } from '../kernel/clock.ts';
import type { Sources } from '../kernel/sources.ts';
import type { LaunchRecord, LaunchStore } from './launch-store.ts';
import { openPidfd, startTicks } from './process-identity.ts';

/** `wokeMs`: when the wait returned; undefined for an end that nobody was there to see. */
export type Ended = (record: LaunchRecord, wokeMs: number | undefined) => void;

export class Follower {
  readonly #sources: Sources;
  readonly #store: LaunchStore;
  readonly #ended: Ended;

  constructor(sources: Sources, store: LaunchStore, ended: Ended) {
    this.#sources = sources;
    this.#store = store;
    this.#ended = ended;
  }

  /** One that was just started, whose monitor is a child of ours. */
  begin(record: LaunchRecord): void {
    this.#follow(record, true);
  }

  /** One of an earlier run of the agent; told as ended at once if it is gone. */
  resume(record: LaunchRecord): void {
    if (startTicks(record.pid) === record.startTicks) this.#follow(record, false);
    else this.#ended(record, undefined);
  }

  /** The monitor ends right after it has written how the process ended. */
  #follow(record: LaunchRecord, justStarted: boolean): void {
    // A child of ours keeps its number until we have reaped it, ended or not; one that was found again must prove who it is.
    const monitored = justStarted || startTicks(record.monitorPid) === record.monitorStartTicks;
    const followed = (monitored ? openPidfd(record.monitorPid) : undefined) ?? openPidfd(record.pid);
    if (followed === undefined) {
      this.#ended(record, justStarted ? monotonicMs() : undefined);
      return;
    }
    const source = this.#sources.watch(`the end of ${record.group}`, followed, 'readable', (_, wokeMs) => {
      source.close();
      const written = this.#store.exit(record.group, record.id, record.pid) !== undefined;
      const stillRuns = !written && record.startTicks !== 0 && startTicks(record.pid) === record.startTicks;
      if (stillRuns) this.#follow(record, false);
      else this.#ended(record, wokeMs);
    });
  }
}
