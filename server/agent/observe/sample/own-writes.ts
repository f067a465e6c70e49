// Files that cgdeck is writing: the tick leaves them alone, since the writer reports what it read back.
import { fileOfReading } from '../../../contract/control-files.ts';
import type { Change } from '../../../contract/frame.ts';

export class OwnWrites {
  /** As `gid file`, with the number of writers. */
  readonly #now = new Map<string, number>();
  /** Since `begin`, those included that have ended. */
  readonly #lately = new Set<string>();

  async during<T>(gid: number, files: readonly string[], write: () => Promise<T>): Promise<T> {
    const count = (file: string, by: number) => {
      const left = (this.#now.get(`${gid} ${file}`) ?? 0) + by;
      if (left > 0) this.#now.set(`${gid} ${file}`, left);
      else this.#now.delete(`${gid} ${file}`);
    };
    for (const file of files) {
      count(file, 1);
      this.#lately.add(`${gid} ${file}`);
    }
    try {
      return await write();
    } finally {
      for (const file of files) count(file, -1);
    }
  }

  has(gid: number, file: string): boolean {
    return this.#now.has(`${gid} ${file}`);
  }

  /** A tick begins to read what is written. */
  begin(): void {
    this.#lately.clear();
  }

  /** Whether the tick read it before a write of ours ended: the writer reports the new value. */
  outdates([gid, key]: Change): boolean {
    return this.#lately.size > 0 && this.#lately.has(`${gid} ${fileOfReading(key)}`);
  }
}
