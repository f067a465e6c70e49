// Keeps launches on disk across restarts of the agent: a folder for each program, with its record, output and exit record.
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { StoredRequest } from '../../contract/launch.ts';
import { type Exit, Launched } from '../../contract/launched.ts';
import { errnoOf } from '../kernel/errno.ts';
import type { StateFaults } from '../state/state-faults.ts';
import { namesIn, stateFolder } from '../state/state-folder.ts';
import type { Trash } from './trash.ts';

/** The monitor begins the other of two files at this size, so at most 64 MiB of output are on disk. */
export const OUTPUT_FILE_BYTES = 32 * 1024 * 1024;

export const MAIN = 'main';

/** How often records that a full disk refused are written again. */
const RETRY_MS = 1000;

const Stored = Launched.omit({ request: true }).extend({
  /** The request; for a program that joined, that of its launch. */
  request: StoredRequest,
  by: z.string(),
  monitorPid: z.number().int(),
  /** The start of the processes in clock ticks since boot (proc(5), stat field 22), which reveals a reused pid. */
  startTicks: z.number(),
  monitorStartTicks: z.number(),
  boot: z.string(),
  hostId: z.number().int(),
  /** The group's CPU time at the start, ms. */
  cpuMsBefore: z.number().optional(),
  /** It was stopped on request, so its policy does not start it again. */
  stopped: z.boolean().optional(),
  /** Restarts in a row after quick ends. */
  inARow: z.number().int(),
});
export type LaunchRecord = z.infer<typeof Stored> & {
  /** Its folder, never used by another launch. */
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
  killed: z.number().optional(),
  left: z.number().optional(),
});

export class LaunchStore {
  readonly #root: string;
  readonly #trash: Trash;
  readonly #faults: StateFaults;
  /** Records that the disk refused, by folder. */
  readonly #unsaved = new Map<string, LaunchRecord>();
  #retry: NodeJS.Timeout | undefined;

  constructor(stateDir: string, trash: Trash, faults: StateFaults) {
    this.#trash = trash;
    this.#faults = faults;
    // Without links, because the launcher follows none.
    this.#root = stateFolder(stateDir, 'launches', faults);
  }

  /** Makes a new folder. @throws Error with the disk's errno */
  make(): string {
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    return mkdtempSync(join(this.#root, 'launch-'));
  }

  /** Makes a folder inside a launch's, which its program owns. @throws Error with the disk's errno */
  own(dir: string, name: string, hostId: number, mode = 0o755): string {
    const path = join(dir, name);
    mkdirSync(path, { mode, recursive: true });
    // Whatever the umask is.
    chmodSync(path, mode);
    giveTo(path, hostId);
    return path;
  }

  /** Writes a record now, or, if a program has filled the disk, as soon as there is room. */
  save(record: LaunchRecord): void {
    this.#unsaved.delete(record.dir);
    try {
      write(record);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === '') throw error;
      // A removed folder needs no record.
      if (existsSync(record.dir)) this.#saveLater(record, errno);
    }
    this.#clearFault();
  }

  discard(dir: string): void {
    this.#unsaved.delete(dir);
    this.#clearFault();
    this.#trash.discard(dir);
  }

  /** The readable records; unreadable ones stay on disk. A folder without a record is from a crash before the program ran, and is removed. */
  all(): LaunchRecord[] {
    const records: LaunchRecord[] = [];
    const unread: string[] = [];
    for (const name of namesIn(this.#root)) {
      const dir = join(this.#root, name);
      const path = join(dir, 'launch.json');
      const record = Stored.safeParse(readJson(path));
      if (record.success) records.push({ ...record.data, dir });
      else if (existsSync(path)) unread.push(path);
      else this.discard(dir);
    }
    const what = `${unread.length} ${unread.length === 1 ? 'record of a launch' : 'records of launches'} cannot be read`;
    if (unread.length > 0)
      this.#faults.set(`${this.#root} unread`, `${what} (${unread[0]}). Such a program continues to run, but cgdeck knows only its group.`);
    return records;
  }

  /**
   * How a program ended, as its monitor wrote; undefined while it runs, or if the monitor was killed or could not write. The pid is checked,
   * because after a restart the folder still has the exit record of the previous process.
   */
  exit({ dir, pid }: Pick<LaunchRecord, 'dir' | 'pid'>): Exit | undefined {
    const record = ExitRecord.safeParse(readJson(join(dir, 'exit')));
    if (!record.success || record.data.pid !== pid) return undefined;
    const { time, code, name, runMs, cpuMs, peakRssBytes, killed, left } = record.data;
    return {
      time,
      ...(code === undefined ? {} : { code }),
      ...(name === undefined ? {} : { signal: name }),
      ...(runMs === undefined ? {} : { runMs }),
      ...(cpuMs === undefined ? {} : { cpuMs }),
      ...(peakRssBytes === undefined ? {} : { peakBytes: peakRssBytes }),
      ...(killed === undefined ? {} : { killed }),
      ...(left === undefined ? {} : { left }),
    };
  }

  /**
   * Notes for the monitor that all processes of a launch had SIGTERM, and how long they have (native/launch/README.md). On a full disk the rest gets
   * a second SIGTERM when the program ends.
   */
  noteStop(dir: string, graceMs: number): void {
    try {
      writeFileSync(join(dir, 'stop'), `${graceMs}\n`, { mode: 0o600 });
    } catch {}
  }

  /** Tries a last time to write what is still unsaved. */
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

/** Without root, new files already have the right owner. */
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
