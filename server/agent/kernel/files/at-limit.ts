// v1: whether a group that is under_oom is out of memory itself, or a group above it: the kernel sets it for all groups below, too.
import { cpus } from 'node:os';
import { pageBytes } from '../../../../native/libc/process.ts';
import { textIfThere } from '../text-if-there.ts';

const COUNTERS = ['memory', 'memory.memsw'] as const;
/** With more room than this the kernel does not run out of memory for want of a larger piece (PAGE_ALLOC_COSTLY_ORDER). */
const COSTLY_PAGES = 8;
/** Each CPU keeps as many charged in advance, and gives them back without waking those that wait (MEMCG_CHARGE_BATCH). */
const STOCK_PAGES = 64;
const slackBytes = () => (COSTLY_PAGES + STOCK_PAGES * cpus().length) * pageBytes();

/**
 * Whether the group's tasks wait for memory at its own limit (memory.oom_control, cgroup-v1/memory.rst, section 10). Where a group above is
 * under_oom as well, they do if the group has used its limit up.
 * @param dir the group's directory in the memory hierarchy
 */
export function waitsAtOwnLimit(dir: string): boolean {
  if (!isUnderOom(dir)) return false;
  if (!isUnderOom(`${dir}/..`)) return true;
  const read = (name: string) => Number(textIfThere(`${dir}/${name}`));
  return COUNTERS.some((counter) => read(`${counter}.usage_in_bytes`) + slackBytes() > read(`${counter}.limit_in_bytes`));
}

function isUnderOom(dir: string): boolean {
  return /^under_oom 1/m.test(textIfThere(`${dir}/memory.oom_control`) ?? '');
}
