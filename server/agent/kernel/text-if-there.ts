// Reads small files of /proc, /sys and groups that may be missing, or vanish at any moment.
import { readFileSync } from 'node:fs';
import { onDisk } from './hierarchy/disk-path.ts';

/** @returns undefined for whatever reason the file cannot be read */
export function textIfThere(path: string): string | undefined {
  try {
    return readFileSync(onDisk(path), 'utf8');
  } catch {
    return undefined;
  }
}
