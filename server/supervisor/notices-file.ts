// Notices on disk: their destinations, a text of the web process's, with secrets, for root only; and the last event that was reported.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from './start-error.ts';

export class NoticesFile {
  readonly #file: string;
  readonly #seenFile: string;
  #seen: number | undefined;

  constructor(stateDir: string) {
    this.#file = join(stateDir, 'notices.json');
    this.#seenFile = join(stateDir, 'notices-seen');
    try {
      const text = readFileSync(this.#seenFile, 'utf8');
      if (/^\d{1,15}\n$/.test(text)) this.#seen = Number(text);
    } catch {
      // Nothing was reported yet; what cannot be read is as if nothing was.
    }
  }

  /** The id of the last event that was reported. */
  get seen(): number | undefined {
    return this.#seen;
  }

  /** If the disk refuses it, it is known for this run only. */
  set seen(id: number) {
    this.#seen = id;
    try {
      writeFileSync(`${this.#seenFile}.new`, `${id}\n`, { mode: 0o600 });
      renameSync(`${this.#seenFile}.new`, this.#seenFile);
    } catch {
      // A restart of everything may then report an event again.
    }
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
