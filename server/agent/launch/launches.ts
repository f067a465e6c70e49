// Launches: from a request to a running process in its group, and on to its exit, across restarts of the agent.
import { closeSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildDir, pidfdOpen } from '../../../native/libc.ts';
import type { LaunchAnswer, Launched, LaunchRequest } from '../../contract/launch.ts';
import { type Happenings, monotonicMs } from '../watch/happenings.ts';
import { type LaunchRecord, LaunchStore, OUTPUT_BYTES } from './launch-store.ts';
import { runLauncher } from './launcher.ts';
import { MAPPED_IDS, requestRecord } from './request-record.ts';

/** Host ids that launches are mapped to start here, above what distributions and systemd-nspawn hand out; 4,096 launches have their own. */
const FIRST_HOST_ID = 1_879_048_192;
const HOST_ID_RANGES = 4096;

export interface ExitNotice {
  readonly group: string;
  readonly pid: number;
  readonly code?: number;
  readonly signal?: string;
  /** When the wait returned; undefined for an exit that nobody was there to see. */
  readonly wokeMs?: number;
  /** When it ended, wall clock. */
  readonly time: number;
}

/** What launching needs of the groups: made with its limits, and taken back if the launch fails. */
export interface LaunchGroups {
  /** @returns the cgroup.procs of the new group in every hierarchy, and what the kernel made of each limit */
  make(group: string, request: LaunchRequest, by: string): Promise<{ procs: string[]; limits: Record<string, string> }>;
  discard(group: string, by: string): Promise<void>;
}

export interface LaunchesOptions {
  readonly stateDir: string;
  readonly runDir: string;
  readonly boot: string;
  readonly happenings: Happenings;
  readonly groups: LaunchGroups;
  readonly exited: (notice: ExitNotice) => void;
}

export class Launches {
  readonly #options: LaunchesOptions;
  readonly #store: LaunchStore;
  readonly #toolDir: string;
  readonly #records = new Map<string, LaunchRecord>();
  /** Host ids of launches under way, which have no record yet. */
  readonly #starting = new Set<number>();

  constructor(options: LaunchesOptions) {
    this.#options = options;
    this.#store = new LaunchStore(options.stateDir);
    this.#toolDir = join(options.runDir, 'bin');
    // The clone may lie where an unprivileged user cannot look: the presets' program is put where everyone can.
    mkdirSync(this.#toolDir, { recursive: true, mode: 0o755 });
    const tool = join(this.#toolDir, 'cgdeck-load');
    // One that still runs cannot be written over (ETXTBSY), but it can be replaced.
    copyFileSync(join(buildDir, 'cgdeck-load'), `${tool}.new`);
    renameSync(`${tool}.new`, tool);
  }

  /** Finds the processes of earlier launches again; those that ended meanwhile are told with how they ended. */
  adopt(groupExists: (group: string) => boolean): void {
    for (const record of this.#store.all()) {
      const gone = record.boot !== this.#options.boot || !groupExists(record.group);
      if (gone && record.exit) {
        this.#store.forget(record.group);
        continue;
      }
      this.#records.set(record.group, record);
      if (record.exit) continue;
      if (record.boot === this.#options.boot && startTicks(record.pid) === record.startTicks) this.#follow(record);
      else this.#ended(record, undefined);
    }
  }

  get(group: string): Launched | undefined {
    const record = this.#records.get(group);
    if (!record) return undefined;
    const { monitorPid: _monitor, startTicks: _ticks, monitorStartTicks: _monitorTicks, boot: _boot, hostId: _id, ...launched } = record;
    return launched;
  }

  isRunning(group: string): boolean {
    const record = this.#records.get(group);
    return record !== undefined && record.exit === undefined;
  }

  /** When the product stops: the presets' program goes, unless something that was launched may still want it. */
  close(): void {
    if ([...this.#records.values()].every((record) => record.exit)) rmSync(this.#toolDir, { recursive: true, force: true });
  }

  output(group: string): { text: string; bytes: number; truncated: boolean } | undefined {
    return this.#records.has(group) ? this.#store.output(group) : undefined;
  }

  /** The group was removed: its launch goes with it, on disk only once its exit has been told. */
  forget(group: string): void {
    const record = this.#records.get(group);
    this.#records.delete(group);
    if (record?.exit) this.#store.forget(group);
  }

  /** @throws ProblemError with the failed step; no process and no group is left then */
  async launch(group: string, request: LaunchRequest, by: string): Promise<LaunchAnswer> {
    const started = performance.now();
    const { procs, limits } = await this.#options.groups.make(group, request, by);
    const hostId = this.#freeHostId();
    this.#starting.add(hostId);
    try {
      const dir = this.#store.prepare(group);
      const record = requestRecord({ request, procs, dir, toolDir: this.#toolDir, hostId, outputMaxBytes: OUTPUT_BYTES });
      const { pid, monitorPid } = await runLauncher(record);
      const launchMs = performance.now() - started;
      this.#remember({
        group,
        pid,
        monitorPid,
        argv: request.argv,
        namespaces: request.namespaces,
        ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
        ...(request.hostname === undefined ? {} : { hostname: request.hostname }),
        startedAt: Date.now(),
        startTicks: startTicks(pid) ?? 0,
        monitorStartTicks: startTicks(monitorPid) ?? 0,
        boot: this.#options.boot,
        hostId,
      });
      return { group, pid, launchMs, limits };
    } catch (error) {
      this.#store.forget(group);
      await this.#options.groups.discard(group, by);
      throw error;
    } finally {
      this.#starting.delete(hostId);
    }
  }

  #remember(record: LaunchRecord): void {
    this.#records.set(record.group, record);
    this.#store.save(record);
    this.#follow(record, true);
  }

  /** The monitor ends right after it has written how the process ended; if somebody killed the monitor, the process itself is what is left to follow. */
  #follow(record: LaunchRecord, justStarted = false): void {
    // A child of ours keeps its number until we have reaped it, ended or not; one that was found again must prove who it is.
    const monitored = justStarted || startTicks(record.monitorPid) === record.monitorStartTicks;
    const followed = (monitored ? openPidfd(record.monitorPid) : undefined) ?? openPidfd(record.pid);
    if (followed === undefined) {
      this.#ended(record, justStarted ? monotonicMs() : undefined);
      return;
    }
    this.#options.happenings.add(followed, false, (_, wokeMs) => {
      this.#options.happenings.remove(followed);
      closeSync(followed);
      const stillRuns =
        this.#store.exit(record.group, record.pid) === undefined && startTicks(record.pid) === record.startTicks && record.startTicks !== 0;
      if (stillRuns) this.#follow(record);
      else this.#ended(record, wokeMs);
    });
  }

  #ended(record: LaunchRecord, wokeMs: number | undefined): void {
    const exit = this.#store.exit(record.group, record.pid) ?? { time: Date.now() };
    const ended = { ...record, exit };
    // A group that was removed, or launched anew, has forgotten this process: its end is told all the same.
    if (this.#records.get(record.group)?.pid === record.pid) {
      this.#records.set(record.group, ended);
      this.#store.save(ended);
    } else if (!this.#records.has(record.group)) this.#store.forget(record.group);
    this.#options.exited({
      group: record.group,
      pid: record.pid,
      time: exit.time,
      ...(exit.code === undefined ? {} : { code: exit.code }),
      ...(exit.signal === undefined ? {} : { signal: exit.signal }),
      ...(wokeMs === undefined ? {} : { wokeMs }),
    });
  }

  #freeHostId(): number {
    const taken = new Set(this.#starting);
    for (const record of this.#records.values()) if (!record.exit) taken.add(record.hostId);
    for (let range = 0; range < HOST_ID_RANGES; range++) {
      const id = FIRST_HOST_ID + range * MAPPED_IDS;
      if (!taken.has(id)) return id;
    }
    return FIRST_HOST_ID;
  }
}

function openPidfd(pid: number): number | undefined {
  try {
    return pidfdOpen(pid);
  } catch {
    return undefined;
  }
}

/** When a process started, in clock ticks since boot (proc(5)); undefined if it is gone or a zombie. */
function startTicks(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command is in parentheses and may hold anything, parentheses too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}
