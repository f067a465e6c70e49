// Identifies the current boot of the machine, so that records of an earlier boot are recognised.
import { readFileSync } from 'node:fs';

/** The kernel's boot id (random(4)); "unknown" where it cannot be read. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
