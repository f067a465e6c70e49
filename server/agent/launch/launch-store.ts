// What is known of launched processes on disk, one folder each: the record, the output and the exit, so that a restart finds them again.
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Launched } from '../../contract/launch.ts';

/** The last so many bytes of output can be read. */
export const OUTPUT_BYTES = 256 * 1024;

export const LaunchRecord = Launched.extend({
  monitorPid: z.number().int(),
  /** Clock ticks since boot at which the processes started (proc(5), stat field 22): tells a reused pid apart. */
  startTicks: z.number(),
  monitorStartTicks: z.number(),
  boot: z.string(),
  hostId: z.number().int(),
});
export type LaunchRecord = z.infer<typeof LaunchRecord>;

const ExitRecord = z.object({
  pid: z.number(),
  code: z.number().optional(),
  signal: z.number().optional(),
  name: z.string().optional(),
  time: z.number(),
});

export class LaunchStore {
  readonly #root: string;

  constructor(stateDir: string) {
    this.#root = join(stateDir, 'launches');
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
  }

  /** The folder of a group's launch; group names may be longer or stranger than a file's name may be. */
  dir(group: string): string {
    return join(this.#root, createHash('sha256').update(group).digest('hex').slice(0, 32));
  }

  /** A fresh, empty folder: an earlier launch of the same name is forgotten. */
  prepare(group: string): string {
    const dir = this.dir(group);
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { mode: 0o700 });
    return dir;
  }

  save(record: LaunchRecord): void {
    const path = join(this.dir(record.group), 'launch.json');
    writeFileSync(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  forget(group: string): void {
    rmSync(this.dir(group), { recursive: true, force: true });
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
  exit(group: string, pid: number): Launched['exit'] {
    const record = ExitRecord.safeParse(readJson(join(this.dir(group), 'exit')));
    if (!record.success || record.data.pid !== pid) return undefined;
    const { time, code, name } = record.data;
    return { time, ...(code === undefined ? {} : { code }), ...(name === undefined ? {} : { signal: name }) };
  }

  /** The last 256 KiB of output, from the two files that the monitor keeps. */
  output(group: string): { text: string; bytes: number; truncated: boolean } {
    const older = readTail(join(this.dir(group), 'output.1'));
    const newer = readTail(join(this.dir(group), 'output'));
    const all = Buffer.concat([older, newer]);
    const tail = all.subarray(Math.max(0, all.length - OUTPUT_BYTES));
    return { text: tail.toString('utf8'), bytes: tail.length, truncated: older.length > 0 };
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function readTail(path: string): Buffer {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const { size } = fstatSync(fd);
    const length = Math.min(size, OUTPUT_BYTES);
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, size - length));
  } finally {
    closeSync(fd);
  }
}
