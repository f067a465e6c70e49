// Kills whose own line Alibaba's kernels leave out: the summary names the process that was chosen at a limit, the reaper's line proves the kill.
import type { KernelLogRecord } from './kernel-log.ts';
import type { OomKill } from './oom-call.ts';
import { type KnownGroups, placeInSummary } from './oom-places.ts';
import { REAPED } from './oom-spellings.ts';

/** A summary of a limit. */
export interface Chosen {
  readonly pid: number;
  readonly bytes: string;
  readonly timeUsec: number;
  readonly header?: number | undefined;
}

/** The reaper tries ten times; since Linux 5.18 it leaves the process two seconds to end by itself. */
const REAPED_USEC = 10_000_000;

export class OomReaped {
  readonly #groups: KnownGroups;
  /** By pid, until a line has what became of the process: no other kill can have chosen it (oom_lock). */
  readonly #chosen = new Map<number, Chosen>();

  constructor(groups: KnownGroups) {
    this.#groups = groups;
  }

  chosen(summary: Chosen): void {
    this.#chosen.delete(summary.pid);
    this.#chosen.set(summary.pid, summary);
    for (const { pid, timeUsec } of this.#chosen.values()) {
      if (summary.timeUsec - timeUsec <= REAPED_USEC) break;
      this.#chosen.delete(pid);
    }
  }

  settled(pid: number | undefined): void {
    if (pid !== undefined) this.#chosen.delete(pid);
  }

  /** Records were lost. */
  end(): void {
    this.#chosen.clear();
  }

  take({ bytes, sequence, timeUsec }: KernelLogRecord): OomKill | undefined {
    const [, of, comm = ''] = REAPED.exec(bytes) ?? [];
    const pid = Number(of);
    const chosen = this.#chosen.get(pid);
    if (!chosen || timeUsec - chosen.timeUsec > REAPED_USEC || !chosen.bytes.includes(`,task=${comm},pid=${pid},uid=`)) return undefined;
    const { header } = chosen;
    return {
      ...{ sequence, timeUsec, pid, comm: Buffer.from(comm, 'latin1').toString('utf8') },
      ...placeInSummary(chosen.bytes, comm, this.#groups),
      ...(header === undefined ? {} : { header }),
    };
  }
}
