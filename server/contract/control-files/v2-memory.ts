// The memory controller of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst, “Memory”).
import { type ControlFile, controlFile } from '../control-file.ts';

const base = { controller: 'memory', version: 2, notInRoot: true } as const;
const limit = { ...base, unit: 'bytes', kind: 'limit', format: 'integer-or-max', access: 'both' } as const;
const gauge = { ...base, unit: 'bytes', kind: 'gauge', format: 'integer', access: 'read' } as const;
const events = { ...base, unit: 'count', kind: 'counter', format: 'flat-keyed', access: 'read' } as const;
const SIZE_RULES = 'Rounds down to whole pages. Not a size: EINVAL.';

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
    help: 'The hard limit: at this usage the kernel reclaims memory, and if that does not free enough it kills processes of the group.', refuses: `${SIZE_RULES} Below what cannot be reclaimed it is accepted, and the kernel kills processes of the group until the rest fits.` }),
  controlFile({ ...limit, name: 'memory.high', sampled: true, onlyWritten: true, history: true, quantity: 'memory-soft-limit',
    help: 'The soft limit: above this usage the group’s tasks are slowed down and must reclaim memory; nothing is killed.', refuses: `${SIZE_RULES} Below the current usage it is accepted, and the write itself reclaims.` }),
  controlFile({ ...limit, name: 'memory.low', sampled: true, onlyWritten: true, history: true, quantity: 'memory-protection',
    help: 'Protection: memory up to this size is reclaimed only when no unprotected memory is left. The protection of its ancestors limits it.', refuses: SIZE_RULES }),
  controlFile({ ...limit, name: 'memory.min', sampled: true, onlyWritten: true, quantity: 'memory-hard-protection',
    help: 'Hard protection: memory up to this size is never reclaimed; if nothing else is left, the kernel kills processes instead. The protection of its ancestors limits it.', refuses: SIZE_RULES }),
  controlFile({ ...gauge, name: 'memory.peak', sampled: true, history: true, quantity: 'memory-peak', since: 'Since Linux 5.19.',
    help: 'The highest usage since the group was created; since Linux 6.12 a write resets it for the writing descriptor alone.' }),
  controlFile({ ...base, name: 'memory.reclaim', notInRoot: undefined, unit: 'bytes', kind: 'trigger', format: 'integer', access: 'write', since: 'Since Linux 5.19.',
    help: 'Writing a size reclaims that much from the group and its descendants.', refuses: 'If less could be reclaimed: EAGAIN; what was reclaimed stays reclaimed. Not a size: EINVAL.' }),
  controlFile({ ...events, name: 'memory.events', sampled: true, keys: EVENT_KEYS,
    help: 'How often the group and its descendants were reclaimed below memory.low (low), went above memory.high (high), hit memory.max (max), ran out of memory (oom), and how many processes were killed for it (oom_kill). Before Linux 5.2, for the group’s own limits alone.' }),
  controlFile({ ...events, name: 'memory.events.local', sampled: true, keys: EVENT_KEYS, history: ['high', 'max', 'oom_kill'], instead: 'memory.events', since: 'Since Linux 5.2; before, memory.events counts so.', help: 'The events of memory.events, for the group’s own limits alone.' }),
  controlFile({ ...base, name: 'memory.stat', notInRoot: undefined, unit: 'bytes', kind: 'gauge', format: 'flat-keyed', access: 'read', sampled: true, keys: STAT_KEYS, history: ['anon', 'file'],
    help: 'What the memory is used for, one kind a line, descendants included. Lines with pg, workingset_, thp_, swpin, swpout, zswpwb and numa_ count events or pages, all others are bytes.' }),
  controlFile({ ...base, name: 'memory.numa_stat', notInRoot: undefined, unit: 'bytes', kind: 'gauge', format: 'nested-keyed', access: 'read', since: 'Only with CONFIG_NUMA.', help: 'memory.stat for each NUMA node.' }),
  controlFile({ ...base, name: 'memory.oom.group', unit: 'state', kind: 'switch', format: 'integer', access: 'both', sampled: true, onlyWritten: true, quantity: 'oom-whole-group',
    help: '1 makes an OOM kill end all processes of the group instead of one.', refuses: 'Anything but 0 or 1: EINVAL.' }),
  controlFile({ ...gauge, name: 'memory.swap.current', sampled: true, history: true, quantity: 'swap-usage', since: 'Only with swap accounting.', help: 'Swap used by the group and its descendants.' }),
  controlFile({ ...limit, name: 'memory.swap.max', sampled: true, onlyWritten: true, quantity: 'swap-limit', since: 'Only with swap accounting.',
    help: 'The hard limit on swap: at this use no more anonymous memory of the group is swapped out.', refuses: `${SIZE_RULES} Below the current use it is accepted, and what is in swap stays there.` }),
  controlFile({ ...limit, name: 'memory.swap.high', since: 'Only with swap accounting.',
    help: 'The soft limit on swap: above it all further allocations of the group are slowed down. Meant to stop a group before it is out of memory, not for normal use.', refuses: SIZE_RULES }),
  controlFile({ ...gauge, name: 'memory.swap.peak', quantity: 'swap-peak', since: 'Since Linux 6.5, with swap accounting.', help: 'The highest swap use since the group was created.' }),
  controlFile({ ...events, name: 'memory.swap.events', since: 'Only with swap accounting.', help: 'How often swap use went above memory.swap.high (high), hit memory.swap.max (max), and swapping failed for lack of swap or at the limit (fail).' }),
  controlFile({ ...gauge, name: 'memory.zswap.current', since: 'Only with zswap.', help: 'Memory that holds the group’s compressed swap (zswap).' }),
  controlFile({ ...limit, name: 'memory.zswap.max', since: 'Only with zswap.', help: 'The limit on memory for compressed swap; at this size, pages go to the swap device instead.', refuses: SIZE_RULES }),
  controlFile({ ...base, name: 'memory.zswap.writeback', notInRoot: undefined, unit: 'state', kind: 'switch', format: 'integer', access: 'both', since: 'Since Linux 6.8, with zswap.',
    help: '0 keeps pages in zswap: none are written to a swap device, and pages that do not fit in zswap are not swapped.', refuses: 'Anything but 0 or 1: EINVAL.' }),
];
