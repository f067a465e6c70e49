// A small file of the state folder that is written as a whole: after any crash it is the old one or the new one.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { z } from 'zod';
import { parseJson } from '../../contract/parse-json.ts';
import { ProblemError } from '../../contract/problems.ts';
import { errnoOf } from '../kernel/errno.ts';
import type { StateFaults } from './state-faults.ts';

export interface JsonFileOptions<T> {
  readonly path: string;
  readonly schema: z.ZodType<T>;
  /** What it costs that the file is damaged: a sentence. */
  readonly cost: string;
  readonly faults: StateFaults;
}

export class JsonFile<T> {
  readonly #options: JsonFileOptions<T>;

  constructor(options: JsonFileOptions<T>) {
    this.#options = options;
  }

  /** @returns undefined where there is none, or it cannot be read: that is said */
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

  /** @throws ProblemError busy where the disk does not take it: the file is as it was */
  write(value: T): void {
    const { path } = this.#options;
    try {
      writeWhole(path, JSON.stringify(value));
      this.#options.faults.set(path, undefined);
    } catch (cause) {
      const errno = errnoOf(cause);
      if (errno === '') throw cause;
      throw new ProblemError('busy', `Nothing was done: ${path} cannot be written (${errno}). Make room on its disk, then try again.`, {
        errno,
        file: path,
        cause,
      });
    }
  }

  /** As `write`, for what is over already and takes nothing back: a disk that refuses is only reported. A file that says nothing more needs no room. */
  writeLess(value: T, isEmpty: boolean): void {
    const { path, faults } = this.#options;
    try {
      this.write(value);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (isEmpty && removed(path)) return;
      faults.set(path, `${path} cannot be written (${error.problem.errno}): some of what it says is no longer so.`);
    }
  }
}

function removed(path: string): boolean {
  try {
    rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  }
}

/** @throws Error with the disk's errno; the file is as it was then */
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
