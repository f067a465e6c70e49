// A small file of the state folder, replaced as a whole: after a crash it has the old text or the new one.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { parseJson } from '../../contract/parse-json.ts';
import { ProblemError } from '../../contract/problems.ts';
import { errnoOf } from '../kernel/errno.ts';
import type { StateFaults } from './state-faults.ts';

export interface JsonFileOptions<T> {
  readonly path: string;
  readonly schema: z.ZodType<T>;
  /** A sentence with the consequence if the file is damaged. */
  readonly cost: string;
  readonly faults: StateFaults;
}

export class JsonFile<T> {
  readonly #options: JsonFileOptions<T>;

  constructor(options: JsonFileOptions<T>) {
    this.#options = options;
  }

  /** @returns undefined without a file, and if it cannot be read, which is reported */
  read(): T | undefined {
    const { path, schema, cost, faults } = this.#options;
    let errno = '';
    let text = '';
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      errno = errnoOf(error);
      if (errno === 'ENOENT') return undefined;
    }
    const value = schema.safeParse(parseJson(text));
    if (!value.success) faults.set(`${path} read`, `${path} ${errno === '' ? 'is damaged' : `cannot be read (${errno})`}. ${cost}`);
    return value.data;
  }

  /** @throws ProblemError busy if the disk refuses it; the file is unchanged */
  write(value: T): void {
    const { path } = this.#options;
    try {
      writeWhole(path, JSON.stringify(value));
      this.#options.faults.set(path, undefined);
    } catch (cause) {
      throw refusedBy(path, cause);
    }
  }

  /** As `write`, on another thread; not while another one is written. */
  async writeApart(value: T): Promise<void> {
    const { path } = this.#options;
    try {
      await writeWholeApart(path, JSON.stringify(value));
      this.#options.faults.set(path, undefined);
    } catch (cause) {
      throw refusedBy(path, cause);
    }
  }

  /** As `write`, for a change that has happened already: a disk that refuses is only reported. A file with nothing left is removed instead. */
  writeLess(value: T, isEmpty: boolean): void {
    try {
      this.write(value);
    } catch (error) {
      this.#reportOutdated(error, isEmpty);
    }
  }

  async writeLessApart(value: T, isEmpty: boolean): Promise<void> {
    await this.writeApart(value).catch((error: unknown) => this.#reportOutdated(error, isEmpty));
  }

  #reportOutdated(error: unknown, isEmpty: boolean): void {
    const { path, faults } = this.#options;
    if (!(error instanceof ProblemError)) throw error;
    if (isEmpty && removed(path)) return;
    faults.set(path, `${path} cannot be written (${error.problem.errno}): it has entries that are out of date.`);
  }
}

function refusedBy(path: string, cause: unknown): unknown {
  const errno = errnoOf(cause);
  if (errno === '') return cause;
  const detail = `Nothing was done: ${path} cannot be written (${errno}). Free disk space, then try again.`;
  return new ProblemError('busy', detail, { errno, file: path, cause });
}

function removed(path: string): boolean {
  try {
    rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  }
}

/** @throws Error with the disk's errno; the file is unchanged then */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.new`;
  const fd = openSync(fresh, 'w', 0o600);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(fresh, path);
}

async function writeWholeApart(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.new`;
  await writeFile(fresh, text, { mode: 0o600, flush: true });
  await rename(fresh, path);
}
