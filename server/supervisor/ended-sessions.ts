// Logged-out browser sessions, stored until their cookies expire.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EndedSession } from '../boot.ts';

/** A new session needs a token, so there are rarely more; the oldest are dropped. */
const MOST = 5_000;

export class EndedSessions {
  readonly #file: string;
  #sessions: EndedSession[];

  /** A file that cannot be read counts as empty. */
  constructor(stateDir: string) {
    this.#file = join(stateDir, 'ended-sessions.json');
    this.#sessions = read(this.#file);
  }

  get all(): EndedSession[] {
    return this.#sessions.filter(({ expiresMs }) => expiresMs > Date.now());
  }

  /** If the disk is full, the logout is effective for this run only. */
  add(session: EndedSession): void {
    this.#sessions = [...this.all, session].slice(-MOST);
    try {
      writeFileSync(`${this.#file}.new`, JSON.stringify(this.#sessions), { mode: 0o600, flush: true });
      renameSync(`${this.#file}.new`, this.#file);
    } catch (error) {
      console.error(
        `The logout is effective for this run only: ${this.#file} cannot be written (${error instanceof Error ? error.message : error}).`,
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
