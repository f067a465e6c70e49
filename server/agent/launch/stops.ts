// Stops launches: SIGTERM to all processes, the grace time, in which other operations on the group may run, and SIGKILL to those left.
import type { Exit } from '../../contract/launched.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { GroupProcesses } from '../act/processes.ts';
import type { ControlFileIo } from '../kernel/files/control-file-io.ts';
import type { GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { KeyedQueue } from '../kernel/keyed-queue.ts';
import { startTicks } from '../kernel/living-task.ts';
import type { MeantLaunch } from './launch.ts';
import type { LaunchRecords } from './launch-records.ts';
import type { LaunchStore } from './launch-store.ts';
import type { Lifecycle } from './lifecycle.ts';
import { isInitOf } from './process-identity.ts';

/** How long to wait for the program's end after SIGKILL, which the kernel may delay. */
const KILLED_WAIT_MS = 5000;

export interface StopAnswer {
  readonly how: 'ended' | 'killed';
  readonly killed: number[];
  readonly tookMs: number;
  readonly exit?: Exit;
}

export interface StopsParts {
  readonly io: ControlFileIo;
  readonly records: LaunchRecords;
  readonly store: Pick<LaunchStore, 'noteStop'>;
  readonly lifecycle: Lifecycle;
  readonly turns: KeyedQueue;
  readonly tree: GroupTree;
  readonly processes: GroupProcesses;
}

export class Stops {
  readonly #parts: StopsParts;
  readonly #closing = new AbortController();

  constructor(parts: StopsParts) {
    this.#parts = parts;
  }

  /** @throws ProblemError not_found, conflict below a frozen group of v1, or agent_unavailable if cgdeck stops before the end of the grace time */
  async stop({ group, inode }: MeantLaunch, graceMs: number | undefined): Promise<StopAnswer> {
    const { io, records, store, lifecycle, turns, tree, processes } = this.#parts;
    const begun = performance.now();
    const { launch, ended, waitMs } = await turns.take(group, async () => {
      if (inode !== undefined) io.group(group, inode);
      const launch = records.known(group);
      if (tree.get(group)) processes.mustBeAbleToEnd(group);
      lifecycle.preventRestart(launch);
      const { main } = launch;
      const grace = graceMs ?? main.request.graceMs;
      // Once the program has ended, its monitor has sent SIGTERM to the others.
      if (!main.exit && startTicks(main.pid) === main.startTicks) {
        store.noteStop(main.dir, grace);
        // Its init passes signals on to a program that has its own already.
        processes.terminate(group, (pid) => isInitOf(main, pid));
      }
      if (!main.exit) processes.thaw(group);
      return { launch, ended: main.exit ? Promise.resolve() : launch.ended(), waitMs: main.exit ? 0 : grace };
    });
    await within(ended, waitMs, this.#closing.signal);
    return turns.take(group, async () => {
      const inTime = launch.main.exit !== undefined;
      // The group may belong to another launch now.
      const killed = records.isCurrent(launch) && tree.get(group) ? await processes.killGroup(group) : [];
      await within(ended, KILLED_WAIT_MS, this.#closing.signal);
      const { exit } = launch.main;
      return { how: inTime ? 'ended' : 'killed', killed, tookMs: performance.now() - begun, ...(exit ? { exit } : {}) };
    });
  }

  /** Ends waiting stops: their programs have had SIGTERM, and are not restarted. */
  close(): void {
    this.#closing.abort(new ProblemError('agent_unavailable', 'cgdeck is stopping: the program was sent SIGTERM, but not SIGKILL.'));
  }
}

/** Resolves with the promise, or after `ms`. Rejects when the signal aborts. */
async function within(promise: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  const late = Promise.withResolvers<void>();
  const aborted = () => late.reject(signal.reason);
  const timer = setTimeout(late.resolve, ms);
  signal.addEventListener('abort', aborted, { once: true });
  try {
    signal.throwIfAborted();
    await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', aborted);
  }
}
