// The browser sessions that were logged out: their cookies would be good for days yet, so they are kept until these end by themselves.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EndedSession } from '../boot.ts';

/** Only who holds a token can make more; the oldest are forgotten. */
const MOST = 5_000;

export class EndedSessions {
  readonly #file: string;
  #sessions: EndedSession[];

  /** What cannot be read counts as empty: nobody is locked out by it. */
  constructor(stateDir: string) {
    this.#file = join(stateDir, 'ended-sessions.json');
    this.#sessions = read(this.#file);
  }

  get all(): EndedSession[] {
    return this.#sessions.filter(({ expiresMs }) => expiresMs > Date.now());
  }

  /** Where the disk does not take it, it holds for this run all the same. */
  add(session: EndedSession): void {
    this.#sessions = [...this.all, session].slice(-MOST);
    try {
      writeFileSync(`${this.#file}.new`, JSON.stringify(this.#sessions), { mode: 0o600, flush: true });
      renameSync(`${this.#file}.new`, this.#file);
    } catch (error) {
      console.error(
        `The logout is kept for this run only: ${this.#file} cannot be written (${error instanceof Error ? error.message : error}).`,
      );
    }
  }
}

function read(file: string): EndedSession[] {
  try {
    return z.array(EndedSession).parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}
