// Follows the programs of launches, reports their ends, and restarts those whose policy asks for it.
import type { Exit } from '../../contract/launched.ts';
import type { KeyedQueue } from '../kernel/keyed-queue.ts';
import type { Reporter } from '../observe/reporter.ts';
import { nextRestart } from './backoff.ts';
import type { Follower } from './follower.ts';
import type { GroupUsage } from './group-usage.ts';
import type { Launch } from './launch.ts';
import type { LaunchRecords } from './launch-records.ts';
import { type LaunchRecord, type LaunchStore, MAIN } from './launch-store.ts';

export interface LifecycleParts {
  readonly records: Pick<LaunchRecords, 'isCurrent'>;
  readonly store: Pick<LaunchStore, 'save' | 'discard' | 'exit'>;
  readonly follower: Pick<Follower, 'begin' | 'resume'>;
  readonly reporter: Pick<Reporter, 'report'>;
  readonly usage: Pick<GroupUsage, 'of'>;
  /** Runs one operation at a time per group. */
  readonly turns: Pick<KeyedQueue, 'take'>;
  readonly exists: (group: string) => boolean;
  /** Removes the routed network of an ended program. */
  readonly detach: (group: string) => unknown;
  /** Empties the group and starts the launch's program in it again. */
  readonly start: (launch: Launch, before: LaunchRecord) => Promise<LaunchRecord>;
}

export class Lifecycle {
  readonly #parts: LifecycleParts;
  readonly #timers = new Map<Launch, NodeJS.Timeout>();
  #closed = false;

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
  }

  /** Follows a program that was started: the launch's own, or one that joined. */
  begin(launch: Launch, record: LaunchRecord): void {
    const { cpuMs } = this.#parts.usage.of(launch.group);
    const whole = record.id === MAIN && cpuMs !== undefined ? { ...record, cpuMsBefore: cpuMs } : record;
    if (record.id === MAIN) launch.run(whole);
    this.note(launch, whole);
    this.#parts.follower.begin(whole, (wokeMs) => this.#ended(launch, whole, wokeMs));
  }

  /** For a program of an earlier agent: follows it, reports its end, or plans its restart. */
  resume(launch: Launch, record: LaunchRecord, sameBoot: boolean): void {
    if (!record.exit && sameBoot) this.#parts.follower.resume(record, (wokeMs) => this.#ended(launch, record, wokeMs));
    else if (!record.exit) this.#ended(launch, record, undefined);
    else if (record.id === MAIN && record.restarts.nextAt !== undefined) this.#plan(launch, record.restarts.nextAt - Date.now());
  }

  /** Prevents a restart by the policy, because the launch is being stopped. */
  preventRestart(launch: Launch & { readonly main: LaunchRecord }): void {
    this.cancel(launch);
    const { nextAt: _off, ...restarts } = launch.main.restarts;
    const record = { ...launch.main, restarts, stopped: true };
    if (launch.state === 'waiting') launch.rest(record);
    this.note(launch, record);
  }

  /** Cancels the planned restart. */
  cancel(launch: Launch): void {
    clearTimeout(this.#timers.get(launch));
    this.#timers.delete(launch);
  }

  /** Cancels all restarts; the next agent plans them again. */
  close(): void {
    this.#closed = true;
    for (const launch of this.#timers.keys()) this.cancel(launch);
  }

  #ended(launch: Launch, started: LaunchRecord, wokeMs: number | undefined): void {
    const { records, store, reporter, detach } = this.#parts;
    const { group, id, pid, dir } = started;
    // The latest record includes changes since the start: a stop, or new rates.
    const latest = launch.get(id) ?? started;
    const exit = this.#exitOf(latest);
    const ended = { ...latest, exit, restarts: { count: latest.restarts.count } };
    const delayMs = id === MAIN ? this.#rest(launch, ended, exit) : undefined;
    if (id !== MAIN) this.note(launch, ended);
    const launchId = id === MAIN ? {} : { launchId: id };
    reporter.report({ kind: 'exit', group, pid, ...exit, ...launchId, ...(wokeMs === undefined ? { late: true } : {}) }, wokeMs);
    // If its group was removed, nothing more will be asked about it.
    if (!records.isCurrent(launch)) store.discard(dir);
    else if (id === MAIN) detach(group);
    if (delayMs !== undefined) reporter.report({ kind: 'restart', group, count: ended.restarts.count + 1, delayMs, time: Date.now() });
  }

  /** Puts the launch into waiting or stopped. @returns the delay until its restart in ms */
  #rest(launch: Launch, record: LaunchRecord, exit: Pick<Exit, 'code' | 'signal' | 'runMs'>): number | undefined {
    const { records, store, exists } = this.#parts;
    const { stopped = false, inARow, request } = record;
    const mayRestart = !stopped && records.isCurrent(launch) && exists(launch.group);
    const next = mayRestart ? nextRestart({ restart: request.restart, exit, inARow }) : undefined;
    const planned = next && { inARow: next.inARow, restarts: { ...record.restarts, nextAt: Date.now() + next.delayMs } };
    launch.rest({ ...record, ...planned });
    if (launch.main) store.save(launch.main);
    if (next) this.#plan(launch, next.delayMs);
    return next?.delayMs;
  }

  #plan(launch: Launch, delayMs: number): void {
    if (this.#closed) return;
    const due = () => {
      this.#timers.delete(launch);
      void this.#parts.turns.take(launch.group, () => this.#restart(launch));
    };
    this.#timers.set(launch, setTimeout(due, Math.max(0, delayMs)));
  }

  async #restart(launch: Launch): Promise<void> {
    const { records, reporter, exists, start } = this.#parts;
    const before = launch.main;
    const { group } = launch;
    // It may have been stopped, or its group removed, while this waited in the queue.
    if (this.#closed || !before || launch.state !== 'waiting' || !records.isCurrent(launch) || !exists(group)) return;
    const count = before.restarts.count + 1;
    launch.start();
    try {
      const record = { ...(await start(launch, before)), restarts: { count }, inARow: before.inARow };
      this.begin(launch, record);
      reporter.report({ kind: 'launch', group, pid: record.pid, argv: [...record.argv], by: 'restart policy', time: Date.now() });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.#rest(launch, { ...before, restarts: { count, problem } }, {});
    }
  }

  /** Replaces a record in memory and on disk. */
  note(launch: Launch, record: LaunchRecord): void {
    launch.note(record);
    this.#parts.store.save(record);
  }

  /** The exit record; for the launch's own program, with the usage of its whole group. */
  #exitOf(record: LaunchRecord): Exit {
    const { group, id, cpuMsBefore, startedAt } = record;
    const written = this.#parts.store.exit(record) ?? { time: Date.now() };
    const exit = { runMs: Math.max(0, written.time - startedAt), ...written };
    if (id !== MAIN) return exit;
    const { cpuMs, peakBytes } = this.#parts.usage.of(group);
    return {
      ...exit,
      ...(cpuMs === undefined || cpuMsBefore === undefined ? {} : { cpuMs: cpuMs - cpuMsBefore }),
      ...(peakBytes === undefined ? {} : { peakBytes }),
    };
  }
}
