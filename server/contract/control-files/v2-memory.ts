// The memory controller of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst, “Memory”).
import { type ControlFile, controlFile } from '../control-file.ts';

const base = { controller: 'memory', version: 2, notInRoot: true } as const;
const limit = { ...base, unit: 'bytes', kind: 'limit', format: 'integer-or-max', access: 'both' } as const;
const gauge = { ...base, unit: 'bytes', kind: 'gauge', format: 'integer', access: 'read' } as const;
const events = { ...base, unit: 'count', kind: 'counter', format: 'flat-keyed', access: 'read' } as const;
const SIZE_RULES = 'Rounds down to whole pages. What is no size: EINVAL.';

/** The lines of memory.stat that the tick turns into readings; the rest can be read through the file. */
const STAT_KEYS = [
  'anon', 'file', 'kernel', 'shmem', 'file_mapped', 'file_dirty', 'file_writeback', 'slab_reclaimable', 'slab_unreclaimable',
  'inactive_anon', 'active_anon', 'inactive_file', 'active_file', 'unevictable', 'pgfault', 'pgmajfault',
] as const;
const EVENT_KEYS = ['low', 'high', 'max', 'oom', 'oom_kill'] as const;

export const unifiedMemoryFiles: readonly ControlFile[] = [
  controlFile({ ...gauge, name: 'memory.current', sampled: true, history: true, quantity: 'memory-usage',
    help: 'Memory charged to the group and its descendants now: anonymous pages, page cache and kernel memory.' }),
  controlFile({ ...limit, name: 'memory.max', sampled: true, onlyWritten: true, history: true, quantity: 'memory-hard-limit',
    help: 'The hard limit: at this usage the kernel reclaims, and if that fails it kills processes of the group.', refuses: `${SIZE_RULES} Under what cannot be reclaimed it is taken, and processes of the group are killed until the rest fits.` }),
  controlFile({ ...limit, name: 'memory.high', sampled: true, onlyWritten: true, history: true, quantity: 'memory-soft-limit',
    help: 'The throttle: above this usage the group’s tasks are slowed down and made to reclaim, and nothing is killed.', refuses: `${SIZE_RULES} Under the present usage it is taken, and the write itself reclaims.` }),
  controlFile({ ...limit, name: 'memory.low', sampled: true, onlyWritten: true, history: true, quantity: 'memory-protection',
    help: 'Protection: memory up to this is reclaimed only when no unprotected memory is left anywhere. No more has effect than its ancestors are protected.', refuses: SIZE_RULES }),
  controlFile({ ...limit, name: 'memory.min', sampled: true, onlyWritten: true, quantity: 'memory-hard-protection',
    help: 'Hard protection: memory up to this is never reclaimed; if nothing else is left, the kernel kills instead. No more has effect than its ancestors are protected.', refuses: SIZE_RULES }),
  controlFile({ ...gauge, name: 'memory.peak', sampled: true, history: true, quantity: 'memory-peak', since: 'Since Linux 5.19.',
    help: 'The highest usage since the group was made; since Linux 6.12 a write starts it anew for the writing descriptor alone.' }),
  controlFile({ ...base, name: 'memory.reclaim', notInRoot: undefined, unit: 'bytes', kind: 'trigger', format: 'integer', access: 'write', since: 'Since Linux 5.19.',
    help: 'Writing a size reclaims that much from the group and its descendants.', refuses: 'Less could be reclaimed than asked: EAGAIN, and what was reclaimed stays so. What is no size: EINVAL.' }),
  controlFile({ ...events, name: 'memory.events', sampled: true, keys: EVENT_KEYS,
    help: 'How often the group and its descendants met their limits: low, high, max, oom, oom_kill.' }),
  controlFile({ ...events, name: 'memory.events.local', sampled: true, keys: EVENT_KEYS, history: ['high', 'max', 'oom_kill'], help: 'The same events, of the group’s own limits alone.' }),
  controlFile({ ...base, name: 'memory.stat', notInRoot: undefined, unit: 'bytes', kind: 'gauge', format: 'flat-keyed', access: 'read', sampled: true, keys: STAT_KEYS, history: ['anon', 'file'],
    help: 'Where the memory goes, line by line, descendants included. pg* and workingset_* lines count events, the rest are bytes.' }),
  controlFile({ ...base, name: 'memory.numa_stat', notInRoot: undefined, unit: 'bytes', kind: 'gauge', format: 'nested-keyed', access: 'read', since: 'Only with CONFIG_NUMA.', help: 'The same by NUMA node.' }),
  controlFile({ ...base, name: 'memory.oom.group', unit: 'state', kind: 'switch', format: 'integer', access: 'both', sampled: true, onlyWritten: true, quantity: 'oom-whole-group',
    help: '1 makes an out-of-memory kill take the whole group instead of one process.', refuses: 'Takes 0 or 1: EINVAL.' }),
  controlFile({ ...gauge, name: 'memory.swap.current', sampled: true, history: true, quantity: 'swap-usage', since: 'Only with swap accounting.', help: 'Swap used by the group and its descendants.' }),
  controlFile({ ...limit, name: 'memory.swap.max', sampled: true, onlyWritten: true, quantity: 'swap-limit', since: 'Only with swap accounting.',
    help: 'The hard limit on swap: at it, anonymous memory of the group is not swapped out any more.', refuses: `${SIZE_RULES} Under the present use it is taken, and what is in swap stays there.` }),
  controlFile({ ...limit, name: 'memory.swap.high', since: 'Only with swap accounting.',
    help: 'A brake on swap: above it the group’s allocations are slowed down for good; not meant to be reached in ordinary work.', refuses: SIZE_RULES }),
  controlFile({ ...gauge, name: 'memory.swap.peak', quantity: 'swap-peak', since: 'Since Linux 6.5, with swap accounting.', help: 'The highest swap use since the group was made.' }),
  controlFile({ ...events, name: 'memory.swap.events', since: 'Only with swap accounting.', help: 'How often swap met its limits: high, max, and fail where there was no swap left.' }),
  controlFile({ ...gauge, name: 'memory.zswap.current', since: 'Only with zswap.', help: 'Memory that compressed swap takes for the group.' }),
  controlFile({ ...limit, name: 'memory.zswap.max', since: 'Only with zswap.', help: 'The limit on memory for compressed swap; at it, pages go to the swap device instead.', refuses: SIZE_RULES }),
  controlFile({ ...base, name: 'memory.zswap.writeback', notInRoot: undefined, unit: 'state', kind: 'switch', format: 'integer', access: 'both', since: 'Since Linux 6.8, with zswap.',
    help: '0 keeps what zswap has from going on to a swap device, and what does not fit there from being swapped at all.', refuses: 'Takes 0 or 1: EINVAL.' }),
];
