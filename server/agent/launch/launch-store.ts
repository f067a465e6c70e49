// What is known of launched processes on disk, one folder each: the record, the output and the exit, so that a restart finds them again.
import { createHash } from 'node:crypto';
import { chownSync, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LaunchRequest } from '../../contract/launch.ts';
import { type Exit, Launched } from '../../contract/launched.ts';
import type { Trash } from './trash.ts';

/** The monitor turns its ring of two files at this size: 64 MiB of output are on disk at most. */
export const OUTPUT_FILE_BYTES = 32 * 1024 * 1024;

export const MAIN = 'main';

export const LaunchRecord = Launched.omit({ request: true }).extend({
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
export type LaunchRecord = z.infer<typeof LaunchRecord>;

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

  constructor(stateDir: string, trash: Trash) {
    const root = join(stateDir, 'launches');
    this.#trash = trash;
    mkdirSync(root, { recursive: true, mode: 0o700 });
    // The launcher follows no link.
    this.#root = realpathSync(root);
  }

  /** The folder of a launch; group names may be longer or stranger than a file's name may be. */
  dir(group: string, id = MAIN): string {
    const whole = id === MAIN ? group : `${group}\n${id}`;
    return join(this.#root, createHash('sha256').update(whole).digest('hex').slice(0, 32));
  }

  /** A fresh, empty folder: an earlier launch of the same name is forgotten. */
  prepare(group: string, id = MAIN): string {
    const dir = this.dir(group, id);
    this.#trash.discard(dir);
    mkdirSync(dir, { mode: 0o700 });
    return dir;
  }

  /** A folder of the launch's own on disk, which it may write to. */
  own(group: string, name: string, hostId: number): string {
    const path = join(this.dir(group), name);
    mkdirSync(path, { mode: 0o755, recursive: true });
    giveTo(path, hostId);
    return path;
  }

  save(record: LaunchRecord): void {
    const path = join(this.dir(record.group, record.id), 'launch.json');
    writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  forget(group: string, id = MAIN): void {
    this.#trash.discard(this.dir(group, id));
  }

  all(): LaunchRecord[] {
    return readdirSync(this.#root).flatMap((name) => {
      const record = LaunchRecord.safeParse(readJson(join(this.#root, name, 'launch.json')));
      return record.success ? [record.data] : [];
    });
  }

  /**
   * How a launched process ended, as its monitor wrote it; undefined while it runs, or if the monitor was killed.
   * @param pid the monitor of an earlier launch of the name may write last
   */
  exit(group: string, id: string, pid: number): Exit | undefined {
    const record = ExitRecord.safeParse(readJson(join(this.dir(group, id), 'exit')));
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
}

/** What a user makes is his already, with his own group. */
export function giveTo(path: string, hostId: number): void {
  if (hostId !== process.getuid?.()) chownSync(path, hostId, hostId);
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
