// The destinations of notices on disk: a text of the web process's, with secrets, for root only.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from './start-error.ts';

export class NoticesFile {
  readonly #file: string;

  constructor(stateDir: string) {
    this.#file = join(stateDir, 'notices.json');
  }

  /** @returns undefined without a file; what cannot be read is as a damaged one */
  read(): string | undefined {
    try {
      return readFileSync(this.#file, 'utf8');
    } catch (error) {
      return errnoOf(error) === 'ENOENT' ? undefined : '';
    }
  }

  /** Whole, or not at all. @returns why it could not be written, in a sentence */
  write(text: string): string | undefined {
    try {
      writeFileSync(`${this.#file}.new`, text, { mode: 0o600, flush: true });
      renameSync(`${this.#file}.new`, this.#file);
      return undefined;
    } catch (error) {
      return `Nothing was changed: ${this.#file} cannot be written (${errnoOf(error) ?? String(error)}). Free disk space, then try again.`;
    }
  }
}
