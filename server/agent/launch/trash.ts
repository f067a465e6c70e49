// Removes folders that launched programs have filled: renamed away at once, then deleted by rm, which handles any depth and does not block us.

import { spawn } from 'node:child_process';
import { readdirSync, renameSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../kernel/errno.ts';
import type { StateFaults } from '../state/state-faults.ts';
import { namesIn, stateFolder } from '../state/state-folder.ts';

const SMALL_FOLDER_ENTRIES = 16;

export class Trash {
  readonly #dir: string;
  #number = 0;

  /** Also removes what an earlier run left unfinished. */
  constructor(stateDir: string, faults: StateFaults) {
    this.#dir = stateFolder(stateDir, 'trash', faults);
    for (const name of namesIn(this.#dir)) this.#remove(join(this.#dir, name));
  }

  /** The tree is removed from its place when this returns, or soon after on a full disk. A missing tree is no error. */
  discard(path: string): void {
    if (removedAtOnce(path)) return;
    const target = join(this.#dir, `${process.pid}-${Date.now()}-${++this.#number}`);
    try {
      renameSync(path, target);
      this.#remove(target);
    } catch {
      // A full disk may refuse the rename, and without the folder there is no trash: remove it in its place.
      this.#remove(path);
    }
  }

  #remove(path: string): void {
    // --one-file-system: anything mounted in the tree is kept.
    const child = spawn('rm', ['-rf', '--one-file-system', '--', path], { stdio: 'ignore' });
    // Slower, but works without rm.
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

/** Most launches leave few files and empty folders, which need no extra process to remove. */
function removedAtOnce(path: string): boolean {
  try {
    const entries = readdirSync(path, { withFileTypes: true });
    if (entries.length > SMALL_FOLDER_ENTRIES) return false;
    for (const entry of entries) (entry.isDirectory() ? rmdirSync : unlinkSync)(join(path, entry.name));
    rmdirSync(path);
    return true;
  } catch (error) {
    return errnoOf(error) === 'ENOENT';
  }
}
