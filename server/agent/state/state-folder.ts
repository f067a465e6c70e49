// The folders of the state directory. A fault of one does not end a start: it is reported, and what needs the folder is refused.
import { lstatSync, mkdirSync, readdirSync, realpathSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf } from '../kernel/errno.ts';
import type { StateFaults } from './state-faults.ts';

/** Makes the folder if it is missing; something else in its place is renamed. @returns its path, without links where there is one */
export function stateFolder(stateDir: string, name: string, faults: StateFaults): string {
  const path = join(stateDir, name);
  try {
    const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    if (isThere && !statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      const aside = `${path}.set-aside-${Date.now()}`;
      renameSync(path, aside);
      faults.set(`${path} replaced`, `${path} was not a folder, and was renamed to ${aside}. What had been in the folder is lost.`);
    }
    mkdirSync(path, { recursive: true, mode: 0o700 });
    readdirSync(path);
    return realpathSync(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === '') throw error;
    faults.set(`${path} made`, `The folder ${path} cannot be used (${errno}): repair its disk, and start cgdeck again.`);
    return path;
  }
}

/** The names in a folder of the state directory; none where it cannot be read, which was reported when it was made. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
