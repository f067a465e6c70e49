// Reads directories of groups.
import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { spell } from '../../../contract/spelling.ts';
import { onDisk } from './disk-path.ts';

/** Undefined where there is no such directory. */
export function statDir(dir: string): Stats | undefined {
  try {
    const stats = statSync(onDisk(dir));
    return stats.isDirectory() ? stats : undefined;
  } catch {
    return undefined;
  }
}

/** @returns the spelled names of the directories inside; undefined if it was removed meanwhile, which inotify will report */
export function listDirs(dir: string): string[] | undefined {
  let entries: Dirent[];
  try {
    // "latin1": one character for each byte.
    entries = readdirSync(onDisk(dir), { withFileTypes: true, encoding: 'latin1' });
  } catch {
    return undefined;
  }
  return entries.filter((entry) => entry.isDirectory()).map((entry) => spell(entry.name));
}
