// The memory controller of cgroup v1 (Documentation/admin-guide/cgroup-v1/memory.rst).
import { type ControlFile, controlFile } from '../control-file.ts';

const base = { controller: 'memory', version: 1 } as const;
const LIMIT_RULES =
  'Rounds down to whole pages. Below what cannot be reclaimed: EBUSY. Above memory.memsw.limit_in_bytes: EINVAL. -1 means no limit.';
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
    help: 'The hard limit: at this usage the kernel reclaims memory, and if that does not free enough the group is out of memory.', refuses: LIMIT_RULES }),
  controlFile({ ...base, name: 'memory.soft_limit_in_bytes', unit: 'bytes', kind: 'limit', format: 'integer', access: 'both', sampled: true, onlyWritten: true, history: true, quantity: 'memory-soft-limit',
    help: 'The soft limit: when the machine is short of memory, groups above their soft limit are reclaimed first. Allocations above it still succeed.', refuses: 'Rounds down to whole pages. Not a size: EINVAL. On real-time kernels: EOPNOTSUPP.' }),
  controlFile({ ...base, name: 'memory.max_usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'both', sampled: true, history: true, quantity: 'memory-peak',
    help: 'The highest usage since the group was created or the peak was reset; writing 0 resets it to the current usage.' }),
  controlFile({ ...base, name: 'memory.failcnt', unit: 'count', kind: 'counter', format: 'integer', access: 'both', sampled: true, history: true, quantity: 'memory-limit-hits',
    help: 'How often usage hit the hard limit and the kernel had to reclaim first; writing 0 resets it. Where memory and swap together have the same limit, memory.memsw.failcnt counts instead.' }),
  controlFile({ ...base, name: 'memory.memsw.usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'read', sampled: true, history: true, quantity: 'memsw-usage',
    help: 'Memory and swap together, charged to the group and its descendants.' }),
  controlFile({ ...base, name: 'memory.memsw.limit_in_bytes', unit: 'bytes', kind: 'limit', format: 'integer', access: 'both', sampled: true, onlyWritten: true, quantity: 'memsw-limit',
    help: 'The hard limit on memory and swap together.', refuses: 'Below memory.limit_in_bytes: EINVAL. Below what cannot be reclaimed: EBUSY. -1 means no limit.' }),
  controlFile({ ...base, name: 'memory.memsw.failcnt', unit: 'count', kind: 'counter', format: 'integer', access: 'both', sampled: true, history: true, quantity: 'memsw-limit-hits',
    help: 'How often memory and swap together hit their limit; writing 0 resets it.' }),
  controlFile({ ...base, name: 'memory.memsw.max_usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'both', quantity: 'memsw-peak',
    help: 'The highest memory and swap usage seen; writing 0 resets it.' }),
  controlFile({ ...base, name: 'memory.stat', unit: 'bytes', kind: 'gauge', format: 'flat-keyed', access: 'read', sampled: true, keys: STAT_KEYS, history: ['total_rss', 'total_cache'],
    help: 'What the memory is used for, one kind a line; lines with total_ include the descendants. Lines with pg and workingset_ count events or pages, all others are bytes.' }),
  controlFile({ ...base, name: 'memory.oom_control', unit: 'state', kind: 'switch', format: 'flat-keyed', sets: 'oom_kill_disable', access: 'both', sampled: true, history: ['oom_kill'], 
    help: 'oom_kill_disable 1 makes tasks that hit the limit sleep instead of being killed; under_oom is 1 while the group is out of memory; oom_kill counts kills.', refuses: 'Takes 0 or 1; anything else, or in the root group: EINVAL.' }),
  controlFile({ ...base, name: 'memory.pressure_level', unit: 'none', kind: 'trigger', format: 'text', access: 'write',
    help: 'Memory pressure notifications: an eventfd registered here through cgroup.event_control with low, medium or critical is signalled while the kernel reclaims.' , refuses: 'Reading or writing it directly: EINVAL.', deprecated: 'Linux 6.15 and later warn that pressure levels are deprecated in favour of PSI.' }),
  controlFile({ ...base, name: 'memory.force_empty', unit: 'none', kind: 'trigger', format: 'text', access: 'write',
    help: 'Writing anything reclaims as many of the group’s pages as possible; meant for an empty group before its removal.', refuses: 'In the root group: EINVAL.', deprecated: 'Deprecated since Linux 6.12; a write logs a kernel warning.' }),
  controlFile({ ...base, name: 'memory.swappiness', unit: 'percent', kind: 'setting', format: 'integer', access: 'both',
    help: 'How strongly reclaim prefers swapping anonymous memory to dropping page cache: 0 to 200.', refuses: 'Over 200: EINVAL.' }),
  controlFile({ ...base, name: 'memory.move_charge_at_immigrate', unit: 'none', kind: 'setting', format: 'integer', access: 'both',
    help: 'On older kernels: whether a task that moves to this group takes its memory charges along.', refuses: 'Anything but 0: EINVAL.', deprecated: 'Since Linux 6.13 charges stay in the old group: the file takes only 0.' }),
  controlFile({ ...base, name: 'memory.use_hierarchy', unit: 'none', kind: 'switch', format: 'integer', access: 'both', sampled: true, onlyWritten: true,
    help: 'Whether the memory of descendants is charged to this group too, and its limit holds for them: always 1 since Linux 5.11.', refuses: '0 since Linux 5.11: EINVAL. Before, with groups below: EBUSY; 0 below a group that has 1: EINVAL.', deprecated: 'Hierarchy has been the only mode since Linux 5.11.' }),
  controlFile({ ...base, name: 'memory.numa_stat', unit: 'count', kind: 'gauge', format: 'text', access: 'read', help: 'Pages of each kind on each NUMA node.' }),
  controlFile({ ...base, name: 'memory.kmem.usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'read', help: 'Kernel memory charged to the group.' }),
  controlFile({ ...base, name: 'memory.kmem.limit_in_bytes', unit: 'bytes', kind: 'limit', format: 'integer', access: 'both', help: 'On older kernels: the limit on kernel memory. Now a written value is accepted and has no effect.', deprecated: KMEM_OLD, noEffect: `The kernel accepts the value and ignores it. ${KMEM_OLD}` }),
  controlFile({ ...base, name: 'memory.kmem.failcnt', unit: 'count', kind: 'counter', format: 'integer', access: 'both', help: 'How often the kernel memory limit was hit.', deprecated: KMEM_OLD }),
  controlFile({ ...base, name: 'memory.kmem.max_usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'both', help: 'The highest kernel memory usage seen; writing 0 resets it.', deprecated: KMEM_OLD }),
  controlFile({ ...base, name: 'memory.kmem.slabinfo', unit: 'none', kind: 'gauge', format: 'text', access: 'read', help: 'The kernel’s slab caches that the group uses.', deprecated: 'Empty since Linux 5.9.' }),
  controlFile({ ...base, name: 'memory.kmem.tcp.usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'read', help: 'TCP socket buffers charged to the group.' }),
  controlFile({ ...base, name: 'memory.kmem.tcp.limit_in_bytes', unit: 'bytes', kind: 'limit', format: 'integer', access: 'both', help: 'The limit on TCP socket buffers.', refuses: 'Rounds down to whole pages.', deprecated: 'Deprecated since Linux 6.12.' }),
  controlFile({ ...base, name: 'memory.kmem.tcp.failcnt', unit: 'count', kind: 'counter', format: 'integer', access: 'both', help: 'How often the TCP buffer limit was hit.' }),
  controlFile({ ...base, name: 'memory.kmem.tcp.max_usage_in_bytes', unit: 'bytes', kind: 'gauge', format: 'integer', access: 'both', help: 'The highest TCP buffer usage seen; writing 0 resets it.' }),
];
