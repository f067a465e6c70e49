// Saved launch requests: an indented JSON file each, which people can read and git can track.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { invalidSentence } from '../../contract/invalid.ts';
import { KeptName, LaunchRequest, type Template } from '../../contract/launch.ts';
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
  list(): { name: string; savedAt: number }[] {
    return this.#files()
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => file.slice(0, -SUFFIX.length))
      .filter((name) => KeptName.safeParse(name).success)
      .sort()
      .flatMap((name) => {
        const stats = statSync(this.#path(name), { throwIfNoEntry: false });
        return stats?.isFile() ? [{ name, savedAt: Math.floor(stats.mtimeMs) }] : [];
      });
  }

  /** @throws ProblemError not_found, or invalid for a file that was edited and is not a valid request */
  read(name: string): Template {
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
    if (request.success) return { name, request: request.data };
    throw new ProblemError('invalid', invalidSentence(request.error, `The template ${name}`, json), { file: this.#path(name) });
  }

  /** Only root can read the file, because a request's environment may contain secrets. @throws ProblemError busy if the disk refuses it */
  save({ name, request }: Template): void {
    const path = this.#path(name);
    try {
      writeWhole(path, `${JSON.stringify(request, undefined, 2)}\n`);
    } catch (cause) {
      const errno = errnoOf(cause);
      throw new ProblemError('busy', `The template ${name} cannot be saved: the kernel answered ${errno} to writing ${path}.`, {
        errno,
        file: path,
        cause,
      });
    }
  }

  /** @throws ProblemError not_found */
  remove(name: string): void {
    try {
      rmSync(this.#path(name));
    } catch (cause) {
      throw this.#absent(name, cause);
    }
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
