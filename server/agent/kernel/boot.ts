// Which boot of the machine this is: what was noted in another one is of the past.
import { readFileSync } from 'node:fs';

/** The kernel's boot id (random(4)); a word that is always the same where it is hidden from us. */
export function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
