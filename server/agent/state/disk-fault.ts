// What a disk may do to a file that we append to: no reason to stop watching the machine.

const FAULTS = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS']);

/** Whether the disk is full, over its quota, broken or read-only; anything else is a fault of ours. */
export function isDiskFault(error: unknown): boolean {
  return FAULTS.has((error as NodeJS.ErrnoException | undefined)?.code ?? '');
}
