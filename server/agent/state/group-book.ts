// Which groups existed when the agent last looked, on disk: what came and went while it was down is told after the fact.
import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDiskFault } from './disk-fault.ts';

/** Lines appended before the file is written anew. */
const COMPACT_AFTER = 5000;

export class GroupBook {
  readonly #path: string;
  readonly #boot: string;
  readonly #groups = new Map<string, number>();
  #appended = 0;
  /** A line was not taken whole: the file has to be written anew before it can be appended to. */
  #torn = false;
  /** What the file said at the start; undefined if there was none of this boot. */
  readonly before: ReadonlyMap<string, number> | undefined;

  /** @param boot the kernel's boot id: groups do not outlive a boot */
  constructor(stateDir: string, boot: string) {
    this.#path = join(stateDir, 'groups.ndjson');
    this.#boot = boot;
    this.before = this.#load();
  }

  added(path: string, inode: number): void {
    this.#groups.set(path, inode);
    this.#append(['+', path, inode]);
  }

  removed(path: string): void {
    this.#groups.delete(path);
    this.#append(['-', path]);
  }

  /** Writes the file anew: at the start, once the tree is known, and when it has grown long. */
  compact(): void {
    try {
      this.#rewrite();
    } catch (error) {
      if (!isDiskFault(error)) throw error;
      this.#torn = true;
    }
  }

  #rewrite(): void {
    const lines = [JSON.stringify(['boot', this.#boot]), ...[...this.#groups].map(([path, inode]) => JSON.stringify(['+', path, inode]))];
    const fresh = `${this.#path}.new`;
    writeFileSync(fresh, `${lines.join('\n')}\n`, { mode: 0o600 });
    renameSync(fresh, this.#path);
    this.#appended = 0;
  }

  /** A disk that is full costs the next start some late events, not this one its life. */
  #append(line: unknown[]): void {
    try {
      if (this.#torn || ++this.#appended > COMPACT_AFTER) this.#rewrite();
      else appendFileSync(this.#path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
      this.#torn = false;
    } catch (error) {
      if (!isDiskFault(error)) throw error;
      this.#torn = true;
    }
  }

  #load(): ReadonlyMap<string, number> | undefined {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch {
      return undefined;
    }
    const groups = new Map<string, number>();
    let boot: unknown;
    for (const line of text.split('\n')) {
      let entry: unknown;
      try {
        entry = JSON.parse(line);
      } catch {
        continue;
      }
      if (!Array.isArray(entry)) continue;
      const [what, path, inode] = entry as unknown[];
      if (what === 'boot') boot = path;
      else if (what === '+' && typeof path === 'string' && typeof inode === 'number') groups.set(path, inode);
      else if (what === '-' && typeof path === 'string') groups.delete(path);
    }
    return boot === this.#boot ? groups : undefined;
  }
}
