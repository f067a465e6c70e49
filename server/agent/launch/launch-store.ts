// What is known of launched processes on disk, a folder for each: the record, the output and the exit, so that a restart finds them again.
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LaunchRequest } from '../../contract/launch.ts';
import { type Exit, Launched } from '../../contract/launched.ts';
import { errnoOf } from '../kernel/errno.ts';
import type { StateFaults } from '../state/state-faults.ts';
import type { Trash } from './trash.ts';

/** The monitor turns its ring of two files at this size: 64 MiB of output are on disk at most. */
export const OUTPUT_FILE_BYTES = 32 * 1024 * 1024;

export const MAIN = 'main';

/** What a full disk did not take is tried again this often. */
const RETRY_MS = 1000;

const Stored = Launched.omit({ request: true }).extend({
  /** The request as it was made; for one that joined: the one of the launch that it joined. */
  request: LaunchRequest,
  by: z.string(),
  monitorPid: z.number().int(),
  /** Clock ticks since boot at which the processes started (proc(5), stat field 22): tells a reused pid apart. */
  startTicks: z.number(),
  monitorStartTicks: z.number(),
  boot: z.string(),
  hostId: z.number().int(),
  /** The group's CPU time when it was started, ms. */
  cpuMsBefore: z.number().optional(),
  /** Somebody stopped it: its policy does not start it again. */
  stopped: z.boolean().optional(),
  /** Restarts in a row after quick ends. */
  inARow: z.number().int(),
});
export type LaunchRecord = z.infer<typeof Stored> & {
  /** Its folder, which no launch had before it and none has after it. */
  readonly dir: string;
};

const ExitRecord = z.object({
  pid: z.number(),
  code: z.number().optional(),
  signal: z.number().optional(),
  name: z.string().optional(),
  time: z.number(),
  runMs: z.number().optional(),
  cpuMs: z.number().optional(),
  peakRssBytes: z.number().optional(),
});

export class LaunchStore {
  readonly #root: string;
  readonly #trash: Trash;
  readonly #faults: StateFaults;
  /** What the disk did not take, by folder. */
  readonly #unsaved = new Map<string, LaunchRecord>();
  #retry: NodeJS.Timeout | undefined;

  constructor(stateDir: string, trash: Trash, faults: StateFaults) {
    const root = join(stateDir, 'launches');
    this.#trash = trash;
    this.#faults = faults;
    mkdirSync(root, { recursive: true, mode: 0o700 });
    // The launcher follows no link.
    this.#root = realpathSync(root);
  }

  /** A fresh folder. @throws Error with the disk's errno */
  make(): string {
    return mkdtempSync(join(this.#root, 'launch-'));
  }

  /** A folder inside a launch's, which its program may write to. @throws Error with the disk's errno */
  own(dir: string, name: string, hostId: number): string {
    const path = join(dir, name);
    mkdirSync(path, { mode: 0o755, recursive: true });
    giveTo(path, hostId);
    return path;
  }

  /** Writes a record down, at once or as soon as the disk takes it: what a program does to the disk stops nobody. */
  save(record: LaunchRecord): void {
    this.#unsaved.delete(record.dir);
    try {
      write(record);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === '') throw error;
      // Somebody has removed the folder: there is nothing left to describe.
      if (existsSync(record.dir)) this.#saveLater(record, errno);
    }
    this.#clearFault();
  }

  discard(dir: string): void {
    this.#unsaved.delete(dir);
    this.#clearFault();
    this.#trash.discard(dir);
  }

  /** Records that can be read; the others are left where they are. A folder without any was left by a crash before the program ran, and is removed. */
  all(): LaunchRecord[] {
    const records: LaunchRecord[] = [];
    const unread: string[] = [];
    for (const name of readdirSync(this.#root)) {
      const dir = join(this.#root, name);
      const path = join(dir, 'launch.json');
      const record = Stored.safeParse(readJson(path));
      if (record.success) records.push({ ...record.data, dir });
      else if (existsSync(path)) unread.push(path);
      else this.discard(dir);
    }
    const what = `${unread.length} ${unread.length === 1 ? 'record of a launch' : 'records of launches'} cannot be read`;
    if (unread.length > 0)
      this.#faults.set(
        `${this.#root} unread`,
        `${what} (${unread[0]}): such a program goes on, and cgdeck knows nothing of it but its group.`,
      );
    return records;
  }

  /**
   * How a launched process ended, as its monitor wrote it; undefined while it runs, or if the monitor was killed or met a full disk.
   * The folder may still have how the process before a restart ended.
   */
  exit({ dir, pid }: Pick<LaunchRecord, 'dir' | 'pid'>): Exit | undefined {
    const record = ExitRecord.safeParse(readJson(join(dir, 'exit')));
    if (!record.success || record.data.pid !== pid) return undefined;
    const { time, code, name, runMs, cpuMs, peakRssBytes } = record.data;
    return {
      time,
      ...(code === undefined ? {} : { code }),
      ...(name === undefined ? {} : { signal: name }),
      ...(runMs === undefined ? {} : { runMs }),
      ...(cpuMs === undefined ? {} : { cpuMs }),
      ...(peakRssBytes === undefined ? {} : { peakBytes: peakRssBytes }),
    };
  }

  /** Tries for the last time to write down what is not yet. */
  close(): void {
    clearTimeout(this.#retry);
    for (const record of [...this.#unsaved.values()]) this.save(record);
    clearTimeout(this.#retry);
  }

  #clearFault(): void {
    if (this.#unsaved.size === 0) this.#faults.set(this.#root, undefined);
  }

  #saveLater(record: LaunchRecord, errno: string): void {
    this.#unsaved.set(record.dir, record);
    this.#faults.set(
      this.#root,
      `Records of launches cannot be written (${errno}: ${this.#root}). They are kept in memory until the disk takes them.`,
    );
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      for (const one of [...this.#unsaved.values()]) this.save(one);
    }, RETRY_MS);
    this.#retry.unref();
  }
}

/** What a user makes is his already, with his own group. */
export function giveTo(path: string, hostId: number): void {
  if (hostId !== process.getuid?.()) chownSync(path, hostId, hostId);
}

function write({ dir, ...record }: LaunchRecord): void {
  const path = join(dir, 'launch.json');
  writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
