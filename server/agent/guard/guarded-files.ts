// Reads, writes and restores control files of a guarded group.

import { readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { keysOf } from '../../contract/quantities.ts';
import { errnoOf } from '../kernel/errno.ts';
import { refusal } from '../kernel/files/refusals.ts';
import type { Observer } from '../observe/observer.ts';
import type { GuardRecord } from './guard-record.ts';

/** At least any machine's page size, so that the kernel does not round a limit and ours is recognised when read back. */
const ROUND_BYTES = 64 * 1024;

export function roundDown(bytes: number): number {
  return Math.floor(bytes / ROUND_BYTES) * ROUND_BYTES;
}

/** Whose writes are events. */
const LIMITS: ReadonlySet<string> = new Set([...keysOf('memory-hard-limit'), ...keysOf('memsw-limit'), 'memory.high']);

/** Reports writes, and keeps the tick from finding them as those of an unknown program. */
export type WriteObserver = Pick<Observer, 'tree' | 'writing' | 'wrote'>;

/** The path of a control file of the group; undefined if the machine or the group lacks it. */
export type FindFile = (name: string) => string | undefined;

export class GuardedFiles {
  readonly #group: string;
  readonly #find: FindFile;
  readonly #observer: WriteObserver | undefined;
  readonly #found = new Map<string, string>();

  constructor(group: string, find: FindFile, observer?: WriteObserver) {
    this.#group = group;
    this.#find = find;
    this.#observer = observer;
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

  /** Synchronous, for decisions about a group that grows. */
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

  /** @param by the author in the event, if the file is a limit */
  async write(name: string, text: string, by?: string): Promise<void> {
    const observer = this.#observer;
    const group = observer?.tree.get(this.#group);
    if (!observer || !group || !LIMITS.has(name)) return this.#write(name, text);
    await observer.writing(group, [name], async () => {
      const old = await this.read(name);
      await this.#write(name, text);
      // Unless the group is being removed.
      const now = await this.read(name).catch(() => old);
      if (now !== old) observer.wrote(this.#group, { file: name, old, asked: text, new: now }, by);
    });
  }

  /** On another thread: lowering a limit reclaims memory, which takes time. */
  async #write(name: string, text: string): Promise<void> {
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

  /** Writes the value from before the guard, unless another program has changed the file since. */
  async restore(record: GuardRecord, name: string, by?: string): Promise<void> {
    const before = record.before[name];
    if (before === undefined) return;
    const now = await this.read(name);
    if (now !== before && record.ours[name]?.includes(now) === true) await this.write(name, before, by);
  }
}

/** Runs all steps, also after one failed, and throws the first failure at the end; that the group was removed is none. */
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
