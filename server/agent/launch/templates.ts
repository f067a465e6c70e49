// Saved launch requests: an indented JSON file each, which people can read and git can track.
import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { invalidSentence } from '../../contract/invalid.ts';
import { KeptName, LaunchRequest, type SavedTemplate, type Template } from '../../contract/launch.ts';
import { ProblemError } from '../../contract/problems.ts';
import { errnoOf } from '../kernel/errno.ts';
import { writeWhole } from '../state/json-file.ts';
import type { StateFaults } from '../state/state-faults.ts';
import { stateFolder } from '../state/state-folder.ts';

const SUFFIX = '.json';

export class Templates {
  readonly #dir: string;

  constructor(stateDir: string, faults: StateFaults) {
    this.#dir = stateFolder(stateDir, 'templates', faults);
  }

  /** Sorted by name; other files are skipped. @throws ProblemError if the folder cannot be read */
  list(): Pick<SavedTemplate, 'name' | 'savedAt'>[] {
    return this.#files()
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => file.slice(0, -SUFFIX.length))
      .filter((name) => KeptName.safeParse(name).success)
      .sort()
      .flatMap((name) => {
        const savedAt = this.#savedAt(name);
        return savedAt === 0 ? [] : [{ name, savedAt }];
      });
  }

  /** @throws ProblemError not_found, or invalid for a file that was edited and is not a valid request */
  read(name: string): SavedTemplate {
    const savedAt = this.#savedAt(name);
    let text: string;
    try {
      text = readFileSync(this.#path(name), 'utf8');
    } catch (cause) {
      throw this.#absent(name, cause);
    }
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ProblemError('invalid', `The template ${name} (${this.#path(name)}) is not valid JSON: ${why}`, {
        file: this.#path(name),
        cause,
      });
    }
    const request = LaunchRequest.safeParse(json);
    if (request.success) return { name, request: request.data, savedAt };
    throw new ProblemError('invalid', invalidSentence(request.error, `The template ${name}`, json), { file: this.#path(name) });
  }

  /**
   * Only root can read the file, because a request's environment may contain secrets.
   * @param replaces when the one that its caller saw was saved, 0 for none; undefined: whatever there is
   * @throws ProblemError changed, and busy if the disk refuses it
   */
  save({ name, request }: Template, replaces?: number): SavedTemplate {
    const path = this.#path(name);
    const before = this.#mustReplace(name, replaces);
    try {
      writeWhole(path, `${JSON.stringify(request, undefined, 2)}\n`);
      // Within the same ms, or after the clock was set back.
      if (this.#savedAt(name) <= before) utimesSync(path, new Date(), new Date(before + 1));
      return { name, request, savedAt: this.#savedAt(name) };
    } catch (cause) {
      const errno = errnoOf(cause);
      throw new ProblemError('busy', `The template ${name} cannot be saved: the kernel answered ${errno} to writing ${path}.`, {
        errno,
        file: path,
        cause,
      });
    }
  }

  /** @throws ProblemError not_found, changed */
  remove(name: string, replaces?: number): void {
    this.#mustReplace(name, replaces);
    try {
      rmSync(this.#path(name));
    } catch (cause) {
      throw this.#absent(name, cause);
    }
  }

  /** 0 if there is none. */
  #savedAt(name: string): number {
    const stats = statSync(this.#path(name), { throwIfNoEntry: false });
    return stats?.isFile() ? Math.floor(stats.mtimeMs) : 0;
  }

  /** @returns when the one that there is was saved */
  #mustReplace(name: string, replaces: number | undefined): number {
    const now = this.#savedAt(name);
    if (replaces === undefined || replaces === now) return now;
    const how = now === 0 ? 'was removed' : 'was saved anew';
    throw new ProblemError('changed', `The template ${name} ${how} meanwhile, and nothing was done.`, {
      file: this.#path(name),
      asked: String(replaces),
      now: String(now),
    });
  }

  #files(): string[] {
    try {
      return readdirSync(this.#dir);
    } catch (cause) {
      const errno = errnoOf(cause);
      if (errno === 'ENOENT') return [];
      throw new ProblemError('kernel_refused', `The templates cannot be read: the kernel answered ${errno} to ${this.#dir}.`, {
        errno,
        file: this.#dir,
        cause,
      });
    }
  }

  #path(name: string): string {
    return join(this.#dir, `${name}${SUFFIX}`);
  }

  #absent(name: string, cause: unknown): ProblemError {
    const errno = errnoOf(cause);
    if (errno === 'ENOENT') return new ProblemError('not_found', `The template ${name} does not exist.`, { file: this.#path(name), cause });
    return new ProblemError('kernel_refused', `The template ${name} cannot be used: ${errno}.`, { errno, file: this.#path(name), cause });
  }
}
