// Starts launches that have ended anew, by their policy, until somebody stops them or their group is gone.
import type { Exit } from '../../contract/launched.ts';
import { nextRestart } from './backoff.ts';
import type { LaunchRecords } from './launch-records.ts';
import { type LaunchRecord, MAIN } from './launch-store.ts';

export interface RestartsOptions {
  readonly records: Pick<LaunchRecords, 'get' | 'set'>;
  readonly exists: (group: string) => boolean;
  /** Empties the group and starts the program again. */
  readonly start: (before: LaunchRecord) => Promise<LaunchRecord>;
  /** It runs. */
  readonly started: (record: LaunchRecord) => void;
  /** Ends what was started while somebody stopped it. */
  readonly end: (group: string) => Promise<unknown>;
}

/** After how many ms it is started again, and how many restarts in a row that makes. */
type Next = NonNullable<ReturnType<typeof nextRestart>>;

export class Restarts {
  readonly #options: RestartsOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #closed = false;

  constructor(options: RestartsOptions) {
    this.#options = options;
  }

  /** @returns undefined where it stays down */
  after(record: LaunchRecord, exit: Pick<Exit, 'code' | 'signal' | 'runMs'>): Next | undefined {
    if (!this.#may(record)) return undefined;
    return nextRestart({ restart: record.request.restart, exit, inARow: record.inARow });
  }

  plan({ group }: LaunchRecord, delayMs: number): void {
    this.#timers.set(
      group,
      setTimeout(() => void this.#restart(group), Math.max(0, delayMs)),
    );
  }

  /** @returns the record without the restart that was planned */
  callOff(record: LaunchRecord): LaunchRecord {
    this.cancel(record.group);
    const { nextAt: _off, ...restarts } = record.restarts;
    return { ...record, restarts };
  }

  cancel(group: string): void {
    clearTimeout(this.#timers.get(group));
    this.#timers.delete(group);
  }

  /** Nothing is started again from now on. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #may({ id, group, stopped }: LaunchRecord): boolean {
    return id === MAIN && stopped !== true && !this.#closed && this.#options.exists(group);
  }

  async #restart(group: string): Promise<void> {
    this.#timers.delete(group);
    const { records, start, started, end } = this.#options;
    const before = records.get(group);
    if (!before || !this.#may(before)) return;
    const count = before.restarts.count + 1;
    try {
      const record = { ...(await start(before)), restarts: { count }, inARow: before.inARow };
      const { stopped = false } = records.get(group) ?? {};
      started(stopped ? { ...record, stopped } : record);
      if (stopped) await end(group);
    } catch (error) {
      const now = records.get(group);
      if (!now || !this.#may(now)) return;
      const problem = error instanceof Error ? error.message : String(error);
      const next = this.after(now, {});
      const restarts = { count, problem, ...(next ? { nextAt: Date.now() + next.delayMs } : {}) };
      const planned = { ...now, inARow: next?.inARow ?? now.inARow, restarts };
      records.set(planned);
      if (next) this.plan(planned, next.delayMs);
    }
  }
}
