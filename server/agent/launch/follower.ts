// Waits by pidfd for the end of a launched program: the end of its monitor, or of the program itself if the monitor was killed.
import { monotonicMs } from '../kernel/clock.ts';
import { startTicks } from '../kernel/living-task.ts';
import type { Sources } from '../kernel/sources.ts';
import type { LaunchRecord, LaunchStore } from './launch-store.ts';
import { openPidfd } from './process-identity.ts';

/** `wokeMs`: when the wait returned; undefined for an end while no agent ran. */
export type Ended = (wokeMs: number | undefined) => void;

export class Follower {
  readonly #sources: Sources;
  readonly #store: LaunchStore;

  constructor(sources: Sources, store: LaunchStore) {
    this.#sources = sources;
    this.#store = store;
  }

  /** Follows a program that was just started, whose monitor is our child. */
  begin(record: LaunchRecord, ended: Ended): void {
    this.#follow(record, true, ended);
  }

  /** Follows a program of an earlier run of the agent; calls `ended` at once if it has ended. */
  resume(record: LaunchRecord, ended: Ended): void {
    // A monitor outlives its program while that has left processes, and then writes how it ended.
    if (startTicks(record.pid) === record.startTicks || startTicks(record.monitorPid) === record.monitorStartTicks)
      this.#follow(record, false, ended);
    else ended(undefined);
  }

  /** The monitor ends right after it has written the exit record. */
  #follow(record: LaunchRecord, justStarted: boolean, ended: Ended): void {
    // The pid of our own child is not reused until we reap it. Any other pid is checked by its start time.
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
