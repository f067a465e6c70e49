// Reads small files of /proc, /sys and groups that may be missing, or vanish at any moment.
import { readFileSync } from 'node:fs';
import { onDisk, pathOf } from './hierarchy/disk-path.ts';

/** @returns undefined for whatever reason the file cannot be read */
export function textIfThere(path: string): string | undefined {
  try {
    return readFileSync(onDisk(path), 'utf8');
  } catch {
    return undefined;
  }
}

/** A path that is a file's text, of any bytes, as `onDisk` takes it. @returns undefined for whatever reason the file cannot be read */
export function pathIfThere(path: string): string | undefined {
  try {
    return pathOf(readFileSync(onDisk(path), 'latin1').replace(/\n$/, ''));
  } catch {
    return undefined;
  }
}
