// The memory controller of cgroup v1 (Documentation/admin-guide/cgroup-v1/memory.rst).
import { type ControlFile, controlFile } from '../control-file.ts';

const base = { controller: 'memory', version: 1 } as const;
const LIMIT_RULES =
  'Rounds down to whole pages. Under what cannot be reclaimed: EBUSY. The hard limit must never exceed memory.memsw.limit_in_bytes: EINVAL. -1 means no limit.';
const KMEM_OLD = 'Kernel memory is always accounted; a separate kernel limit has no effect since Linux 5.16.';

/** The lines of memory.stat that the tick turns into readings; the rest can be read through the file. */
const STAT_KEYS = [
  'total_rss', 'total_cache', 'total_swap', 'total_shmem', 'total_mapped_file', 'total_dirty', 'total_writeback',
  'total_pgfault', 'total_pgmajfault', 'total_inactive_anon', 'total_active_anon', 'total_inactive_file',
  'total_active_file', 'total_unevictable', 'hierarchical_memory_limit', 'hierarchical_memsw_limit',
] as const;

export const memoryFiles: readonly ControlFile[] = [
  controlFile({ ...base, name: 'memory.usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'read', sampled: true, history: true, quantity: 'memory-usage',
    help: 'Memory charged to the group and its descendants now: anonymous pages, page cache and kernel memory.' }),
  controlFile({ ...base, name: 'memory.limit_in_bytes', unit: 'bytes', kind: 'limit', format: 'integer', access: 'both', sampled: true, onlyWritten: true, history: true, quantity: 'memory-hard-limit',
    help: 'The hard limit: at this usage the kernel reclaims, and if that fails the group is out of memory.', refuses: LIMIT_RULES }),
  controlFile({ ...base, name: 'memory.soft_limit_in_bytes', unit: 'bytes', kind: 'limit', format: 'integer', access: 'both', sampled: true, onlyWritten: true, history: true, quantity: 'memory-soft-limit',
    help: 'The soft limit: when the machine runs short, groups above theirs are reclaimed first; nothing is refused at it.', refuses: 'Rounds down to whole pages. EINVAL for what is no size; EOPNOTSUPP on real-time kernels.' }),
  controlFile({ ...base, name: 'memory.max_usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'both', sampled: true, history: true, quantity: 'memory-peak',
    help: 'The highest usage since the group was made or the peak was reset; writing 0 resets it to the present usage.' }),
  controlFile({ ...base, name: 'memory.failcnt', unit: 'count', kind: 'counter', format: 'integer', access: 'both', sampled: true, history: true, quantity: 'memory-limit-hits',
    help: 'How often usage hit the hard limit and the kernel had to reclaim first; writing 0 resets it.' }),
  controlFile({ ...base, name: 'memory.memsw.usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'read', sampled: true, history: true, quantity: 'memsw-usage',
    help: 'Memory and swap together, charged to the group and its descendants.' }),
  controlFile({ ...base, name: 'memory.memsw.limit_in_bytes', unit: 'bytes', kind: 'limit', format: 'integer', access: 'both', sampled: true, onlyWritten: true, quantity: 'memsw-limit',
    help: 'The hard limit on memory and swap together.', refuses: 'Must never be under memory.limit_in_bytes: EINVAL. Under what cannot be reclaimed: EBUSY. -1 means no limit.' }),
  controlFile({ ...base, name: 'memory.memsw.failcnt', unit: 'count', kind: 'counter', format: 'integer', access: 'both', sampled: true, quantity: 'memsw-limit-hits',
    help: 'How often memory and swap together hit their limit; writing 0 resets it.' }),
  controlFile({ ...base, name: 'memory.memsw.max_usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'both', quantity: 'memsw-peak',
    help: 'The highest memory and swap usage seen; writing 0 resets it.' }),
  controlFile({ ...base, name: 'memory.stat', unit: 'bytes', kind: 'gauge', format: 'flat-keyed', access: 'read', sampled: true, keys: STAT_KEYS, history: ['total_rss', 'total_cache'],
    help: 'Where the memory goes, line by line; lines with total_ include the descendants. pg* lines count events, the rest are bytes.' }),
  controlFile({ ...base, name: 'memory.oom_control', unit: 'state', kind: 'switch', format: 'flat-keyed', access: 'both', sampled: true, history: ['oom_kill'], 
    help: 'oom_kill_disable 1 makes a task over the limit sleep instead of being killed; under_oom says that it is so now; oom_kill counts kills.', refuses: 'Takes 0 or 1. EINVAL for anything else, and in the root group.' }),
  controlFile({ ...base, name: 'memory.pressure_level', unit: 'none', kind: 'trigger', format: 'text', access: 'write',
    help: 'Memory pressure notifications: an eventfd registered here through cgroup.event_control with low, medium or critical is signalled while the kernel reclaims.' , refuses: 'Cannot be read (EINVAL) or written to directly.', deprecated: 'Linux 6.15 and later warn that pressure levels are deprecated in favour of PSI.' }),
  controlFile({ ...base, name: 'memory.force_empty', unit: 'none', kind: 'trigger', format: 'text', access: 'write',
    help: 'Writing anything reclaims as many of the group’s pages as possible, as before removing it.', refuses: 'EINVAL in the root group.', deprecated: 'Marked as deprecated since Linux 6.12; it writes a warning to the kernel log.' }),
  controlFile({ ...base, name: 'memory.swappiness', unit: 'percent', kind: 'setting', format: 'integer', access: 'both',
    help: 'How readily anonymous memory is swapped rather than cache dropped: 0 to 200.', refuses: 'Over 200: EINVAL.' }),
  controlFile({ ...base, name: 'memory.move_charge_at_immigrate', unit: 'none', kind: 'setting', format: 'integer', access: 'both',
    help: 'Once moved the charges of a moving task along with it.', refuses: 'Anything but 0: EINVAL.', deprecated: 'Since Linux 6.13 no charges move along with a task: the file takes 0 only.' }),
  controlFile({ ...base, name: 'memory.use_hierarchy', unit: 'none', kind: 'switch', format: 'integer', access: 'both',
    help: 'Whether descendants are charged to this group: always 1 now.', refuses: '0: EINVAL.', deprecated: 'Hierarchy has been the only mode since Linux 5.11.' }),
  controlFile({ ...base, name: 'memory.numa_stat', unit: 'count', kind: 'gauge', format: 'text', access: 'read', help: 'Pages by NUMA node and kind.' }),
  controlFile({ ...base, name: 'memory.kmem.usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'read', help: 'Kernel memory charged to the group.' }),
  controlFile({ ...base, name: 'memory.kmem.limit_in_bytes', unit: 'bytes', kind: 'limit', format: 'integer', access: 'both', help: 'Once a limit on kernel memory; written values are accepted and have no effect.', deprecated: KMEM_OLD, noEffect: `The kernel takes the value and does nothing with it. ${KMEM_OLD}` }),
  controlFile({ ...base, name: 'memory.kmem.failcnt', unit: 'count', kind: 'counter', format: 'integer', access: 'both', help: 'How often the kernel memory limit was hit.', deprecated: KMEM_OLD }),
  controlFile({ ...base, name: 'memory.kmem.max_usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'both', help: 'The highest kernel memory usage seen; writing 0 resets it.', deprecated: KMEM_OLD }),
  controlFile({ ...base, name: 'memory.kmem.slabinfo', unit: 'none', kind: 'gauge', format: 'text', access: 'read', help: 'Slab caches of the group; empty on present kernels.', deprecated: 'Shows nothing since Linux 5.9.' }),
  controlFile({ ...base, name: 'memory.kmem.tcp.usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'read', help: 'TCP socket buffers charged to the group.' }),
  controlFile({ ...base, name: 'memory.kmem.tcp.limit_in_bytes', unit: 'bytes', kind: 'limit', format: 'integer', access: 'both', help: 'The limit on TCP socket buffers.', refuses: 'Rounds down to whole pages.', deprecated: 'Marked as deprecated since Linux 6.12.' }),
  controlFile({ ...base, name: 'memory.kmem.tcp.failcnt', unit: 'count', kind: 'counter', format: 'integer', access: 'both', help: 'How often the TCP buffer limit was hit.' }),
  controlFile({ ...base, name: 'memory.kmem.tcp.max_usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'both', help: 'The highest TCP buffer usage seen; writing 0 resets it.' }),
];
