// The agent's end of the watchdog: a process that gives back what guards changed if this one ends or hangs. Started with the first guard.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildDir, errnoName } from '../../../native/libc/library.ts';
import { ProblemError } from '../../contract/problems.ts';
import { monotonicMs } from '../kernel/clock.ts';
import type { GuardRecord } from './guard-record.ts';
import type { GuardedFiles } from './guarded-files.ts';
import { WatchdogConnection, WatchdogError } from './watchdog-connection.ts';
import { watchdogId, watchdogRecord } from './watchdog-record.ts';

/** Longer than the agent takes to restart, and than anything that keeps its timers from running. */
const DEADLINE_MS = 10_000;
const BEATS = 5;
const START_MS = 10_000;
const RETRY_MS = 20;
const RESTART_MS = 1000;
const END_MS = 1000;

export interface WatchdogOptions {
  /** Where its socket is. */
  readonly runDir: string;
  /** How long after the last sign of this process its groups are given back. */
  readonly deadlineMs?: number;
  readonly binary?: string;
  /** One runs, with all that is held; no guard may freeze its pid. */
  readonly started?: (pid: number) => void;
}

export class Watchdog {
  readonly #options: Required<WatchdogOptions>;
  readonly #path: string;
  readonly #held = new Map<string, readonly string[]>();
  readonly #listeners: ((group: string) => void)[] = [];
  #connecting: Promise<WatchdogConnection> | undefined;
  #connection: WatchdogConnection | undefined;
  #closing = false;
  #problem: string | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = { deadlineMs: DEADLINE_MS, binary: join(buildDir, 'cgdeck-watchdog'), started: () => {}, ...options };
    this.#path = join(options.runDir, 'watchdog.sock');
  }

  /** Why guards are without a watchdog, if they are: a sentence or none. */
  get problems(): string[] {
    return this.#problem === undefined ? [] : [this.#problem];
  }

  /** Calls `listener` with a group that the watchdog has given back while this process hung. */
  onReturned(listener: (group: string) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Has the watchdog keep what the guard is about to change, instead of what it kept of the group.
   * @throws ProblemError if it does not: then the group must not be changed
   */
  async hold(record: GuardRecord, files: Pick<GuardedFiles, 'path'>): Promise<void> {
    const { group } = record;
    try {
      const fields = watchdogRecord(record, files, this.#options.deadlineMs);
      // A guard that only freezes, of a group that others have frozen, has nothing to give back.
      if (!fields.includes('file')) return this.drop(record);
      const connection = await this.#connect();
      await connection.request(...fields);
      this.#held.set(group, fields);
    } catch (error) {
      if (!(error instanceof WatchdogError)) throw error;
      throw new ProblemError('busy', `The watchdog, which would thaw ${group} if cgdeck were killed, does not take it: ${error.errno}.`, {
        file: group,
        errno: error.errno,
      });
    }
  }

  /** The group was restored: there is nothing to give back. */
  drop(record: GuardRecord): void {
    if (this.#held.delete(record.group)) this.#send('drop', watchdogId(record));
  }

  /** The kernel refused to restore the group: the watchdog tries again for a minute. */
  giveBack(record: GuardRecord): void {
    if (this.#held.delete(record.group)) this.#send('return', watchdogId(record));
  }

  /** The watchdog ends, once it has given back at its deadline what is still held, and has no other agent. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#connecting?.catch(() => {});
    if (this.#connection === undefined) return;
    await this.#connection.close();
    const untilMs = monotonicMs() + END_MS;
    // Whoever removes the run directory finds it empty.
    while (existsSync(this.#path) && monotonicMs() < untilMs) await sleep(RETRY_MS);
  }

  #send(...fields: readonly string[]): void {
    this.#connection?.request(...fields).catch(() => {});
  }

  #connect(): Promise<WatchdogConnection> {
    this.#connecting ??= this.#open().catch((error: unknown) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }

  /** Connects to the one that runs, or starts one, and sends all that is held. */
  async #open(): Promise<WatchdogConnection> {
    const untilMs = monotonicMs() + START_MS;
    let child: Child | undefined;
    for (;;) {
      const connection = await WatchdogConnection.open(this.#path).catch((error: unknown) => {
        if (monotonicMs() > untilMs) throw this.#unstarted(error instanceof Error ? error.message : String(error));
      });
      if (connection && (await this.#use(connection))) return connection;
      if (child?.failure !== undefined) throw this.#unstarted(child.failure);
      if (child === undefined || child.ended) child = this.#start();
      await sleep(RETRY_MS);
    }
  }

  /** @returns false if it was closed meanwhile */
  async #use(connection: WatchdogConnection): Promise<boolean> {
    // From here on what is dropped is dropped there as well.
    this.#connection = connection;
    connection.onReturned = (id) => this.#returned(id);
    connection.onClosed = () => {
      this.#connection = undefined;
    };
    // Refused for a group that was removed: there is nothing to give back.
    for (const fields of this.#held.values()) await connection.request(...fields).catch(() => {});
    if (this.#connection === undefined) return false;
    const beats = setInterval(() => this.#send('beat'), this.#options.deadlineMs / BEATS).unref();
    connection.onClosed = () => {
      clearInterval(beats);
      this.#connection = undefined;
      this.#connecting = undefined;
      void this.#restart();
    };
    this.#problem = undefined;
    this.#options.started(connection.pid);
    return true;
  }

  #returned(id: string): void {
    for (const [group, fields] of this.#held) {
      if (fields[1] !== id) continue;
      this.#held.delete(group);
      for (const listener of this.#listeners) listener(group);
    }
  }

  async #restart(): Promise<void> {
    while (!this.#closing && this.#held.size > 0 && this.#connecting === undefined) {
      try {
        await this.#connect();
      } catch (error) {
        this.#problem = error instanceof Error ? error.message : String(error);
        await sleep(RESTART_MS, undefined, { ref: false });
      }
    }
  }

  #unstarted(why: string): ProblemError {
    return new ProblemError('busy', `The watchdog, which thaws guarded groups if cgdeck is killed, cannot be started: ${why}.`, {
      file: this.#options.runDir,
    });
  }

  /** In a session of its own and without our descriptors, it survives this process. */
  #start(): Child {
    const child: Child = { ended: false, failure: undefined };
    const ended = (failure?: string) => Object.assign(child, { ended: true, failure });
    spawn(this.#options.binary, [this.#options.runDir], { detached: true, stdio: 'ignore' })
      .on('error', (error) => ended(error.message))
      .on('exit', (code, signal) => ended(code === 0 ? undefined : code === null ? String(signal) : errnoName(code)))
      .unref();
    return child;
  }
}

interface Child {
  ended: boolean;
  /** Why it could not start; undefined also if another one serves the folder. */
  failure: string | undefined;
}
