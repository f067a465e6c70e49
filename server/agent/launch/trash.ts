// Removes trees that a launched program has filled: out of the way at once, and off the disk by rm, which takes any depth and holds up nobody.

import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../kernel/errno.ts';

const FEW = 16;

export class Trash {
  readonly #dir: string;
  #number = 0;

  /** What an earlier run has not finished goes now. */
  constructor(stateDir: string) {
    this.#dir = join(stateDir, 'trash');
    mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.#dir)) this.#remove(join(this.#dir, name));
  }

  /** The tree is gone from its place when this returns, or soon; one that is not there is no error. */
  discard(path: string): void {
    if (removedAtOnce(path)) return;
    const away = join(this.#dir, `${process.pid}-${Date.now()}-${++this.#number}`);
    try {
      renameSync(path, away);
    } catch (error) {
      // A full disk takes no other name: it goes from where it is.
      if (errnoOf(error) !== 'ENOENT') this.#remove(path);
      return;
    }
    this.#remove(away);
  }

  #remove(path: string): void {
    // One file system: nothing that is mounted somewhere in the tree is emptied.
    const child = spawn('rm', ['-rf', '--one-file-system', '--', path], { stdio: 'ignore' });
    // Without rm the tree still goes, if more slowly.
    child.on('error', () => {
      try {
        rmSync(path, { recursive: true, force: true });
      } catch {
        // The next start tries again.
      }
    });
    child.unref();
  }
}

/** A folder of a few files and empty folders, which most launches leave: it needs no process of its own. */
function removedAtOnce(path: string): boolean {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    if (entries.length > FEW) return false;
    for (const entry of entries) (entry.isDirectory() ? rmdirSync : unlinkSync)(join(path, entry.name));
    rmdirSync(path);
    return true;
  } catch (error) {
    return errnoOf(error) === 'ENOENT';
  }
}
