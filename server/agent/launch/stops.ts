// Stops launches: SIGTERM, a grace time in which others may do with the group what they want, and SIGKILL to who is left.
import type { Exit } from '../../contract/launched.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { GroupProcesses } from '../act/processes.ts';
import type { GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { KeyedQueue } from '../kernel/keyed-queue.ts';
import type { LaunchRecords } from './launch-records.ts';
import type { Lifecycle } from './lifecycle.ts';

/** After SIGKILL: a process that the kernel does not end in this time is left to it. */
const KILLED_WAIT_MS = 5000;

export interface StopAnswer {
  readonly how: 'ended' | 'killed';
  readonly killed: number[];
  readonly tookMs: number;
  readonly exit?: Exit;
}

export interface StopsParts {
  readonly records: LaunchRecords;
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

  /** @throws ProblemError not_found, conflict below a frozen group of v1, or agent_unavailable where the product stops before the grace time is over */
  async stop(group: string, graceMs: number | undefined): Promise<StopAnswer> {
    const { records, lifecycle, turns, tree, processes } = this.#parts;
    const begun = performance.now();
    const { launch, ended, waitMs } = await turns.take(group, async () => {
      const launch = records.known(group);
      if (tree.get(group)) processes.mustBeAbleToEnd(group);
      lifecycle.callOff(launch);
      const { pid, exit, request } = launch.main;
      const ended = exit ? Promise.resolve() : launch.ended();
      if (!exit) {
        await processes.signal(pid, 'SIGTERM').catch(() => {
          // It has ended by itself meanwhile.
        });
        processes.thaw(group);
      }
      return { launch, pid, ended, waitMs: exit ? 0 : (graceMs ?? request.graceMs) };
    });
    await within(ended, waitMs, this.#closing.signal);
    return turns.take(group, async () => {
      const inTime = launch.main.exit !== undefined;
      // Another launch may have the group by now.
      const killed = records.isCurrent(launch) && tree.get(group) ? await processes.killGroup(group) : [];
      await within(ended, KILLED_WAIT_MS, this.#closing.signal);
      const { exit } = launch.main;
      return { how: inTime ? 'ended' : 'killed', killed, tookMs: performance.now() - begun, ...(exit ? { exit } : {}) };
    });
  }

  /** Stops that wait are given up: their programs were asked to end, and are not started again. */
  close(): void {
    this.#closing.abort(new ProblemError('agent_unavailable', 'cgdeck is being stopped: the program was asked to end, and not killed.'));
  }
}

/** Resolves with the promise, or after so many ms. */
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
