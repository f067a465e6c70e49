// v1: whether a group that is under_oom is out of memory itself, or a group above it: the kernel sets it for all groups below, too.
import { pageBytes } from '../../../../native/libc/process.ts';

/** With more room than this the kernel does not run out of memory for want of a larger piece (PAGE_ALLOC_COSTLY_ORDER). */
const COSTLY_PAGES = 8;
const COUNTERS = [
  ['memory.usage_in_bytes', 'memory.limit_in_bytes'],
  ['memory.memsw.usage_in_bytes', 'memory.memsw.limit_in_bytes'],
] as const;

/**
 * Whether the group's tasks wait for memory at its own limit (memory.oom_control, cgroup-v1/memory.rst, section 10).
 * @param read the text of a control file of the group; undefined where it has none
 */
export function waitsAtOwnLimit(read: (name: string) => string | undefined): boolean {
  if (!/^under_oom 1/m.test(read('memory.oom_control') ?? '')) return false;
  return COUNTERS.some(([usage, limit]) => Number(read(usage)) + COSTLY_PAGES * pageBytes() > Number(read(limit)));
}
