// Control files of a held group: read, written, and put back as they were before, each refusal with its sentence.

import { readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { errnoOf } from '../kernel/errno.ts';
import { refusal } from '../kernel/files/refusals.ts';
import type { HoldRecord } from './hold-record.ts';

/** Larger than any page of any machine, so that the kernel takes a limit as it is asked and our own is known again. */
const ROUND_BYTES = 64 * 1024;

export function roundDown(bytes: number): number {
  return Math.floor(bytes / ROUND_BYTES) * ROUND_BYTES;
}

/** Where a control file of the group is; undefined if the machine or the group has none of that name. */
export type FindFile = (name: string) => string | undefined;

export class HeldFiles {
  readonly #group: string;
  readonly #find: FindFile;
  readonly #found = new Map<string, string>();

  constructor(group: string, find: FindFile) {
    this.#group = group;
    this.#find = find;
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** @throws ENOENT where the group has no such file */
  path(name: string): string {
    const known = this.#found.get(name);
    if (known !== undefined) return known;
    const path = this.#find(name);
    if (path === undefined) throw Object.assign(new Error(`${this.#group} has no ${name}`), { code: 'ENOENT' });
    this.#found.set(name, path);
    return path;
  }

  /** At once, on this thread: where the answer decides what is done to a group that grows. */
  readNow(name: string): string {
    return readFileSync(this.path(name), 'utf8').trim();
  }

  async read(name: string): Promise<string> {
    try {
      return (await readFile(this.path(name), 'utf8')).trim();
    } catch (cause) {
      throw refusal({ group: this.#group, file: name, cause });
    }
  }

  /** On another thread: to lower a limit is to reclaim, which takes its time. */
  async write(name: string, text: string): Promise<void> {
    try {
      const handle = await open(this.path(name), 'w');
      try {
        await handle.write(text);
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw refusal({ group: this.#group, file: name, asked: text, cause });
    }
  }

  /** @returns whether the file says what it said before the hold, or what somebody else has written since */
  async putBack(record: HoldRecord, name: string): Promise<void> {
    const before = record.before[name];
    if (before === undefined) return;
    const now = await this.read(name);
    if (now !== before && record.ours[name]?.includes(now) === true) await this.write(name, before);
  }
}

/** Does each thing even if one before it failed; throws the first failure at the end. A group that is gone is no failure. */
export async function all(steps: readonly (() => Promise<void>)[]): Promise<void> {
  let failure: unknown;
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      if (!isGone(error)) failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
}

function isGone(error: unknown): boolean {
  const errno = (error as { problem?: { errno?: string } }).problem?.errno ?? errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENODEV';
}
