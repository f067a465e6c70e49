// Which file of v1 and which of v2 do the same, and where the two differ in meaning; said once, for both.

interface Pair {
  readonly v1: string;
  readonly v2: string;
  readonly differs?: string;
}

const SWAP = 'v1 counts memory and swap together, v2 swap alone.';
const QUOTA = 'Two files on v1, one line on v2, which writes no limit as max.';
const IO_LIMIT = 'One file for each limit on v1, one line with all of a disk’s limits on v2, which holds buffered writes back too.';
const IO_COUNT = 'v1 charges writeback of the page cache to the root group, v2 to the group that made the pages dirty.';
const CPUSET = 'An empty list takes no task on v1, and is the parent’s on v2.';
const MEMBERS = 'On v1 a process can be in another group in each hierarchy; on v2 there is one tree, and groups with controllers enabled below hold no processes.';
const EMPTY = 'v1 gives back all it can, v2 as much as is asked for.';
const PRESSURE = 'v1 signals levels guessed from how reclaim goes; v2 measures the time that tasks wait for memory.';

export const counterparts: readonly Pair[] = [
  { v1: 'memory.usage_in_bytes', v2: 'memory.current' },
  { v1: 'memory.limit_in_bytes', v2: 'memory.max', differs: 'Set under what the group cannot give up, v1 refuses with EBUSY, and v2 kills processes of the group.' },
  { v1: 'memory.soft_limit_in_bytes', v2: 'memory.high', differs: 'v1’s is a hint for when the machine runs short; v2 slows the group down whenever it is above.' },
  { v1: 'memory.max_usage_in_bytes', v2: 'memory.peak', differs: 'A write resets v1’s for everybody; v2’s only for the descriptor that wrote, and not before Linux 6.12.' },
  { v1: 'memory.failcnt', v2: 'memory.events.local', differs: 'On v2 it is the line max, which cannot be reset; memory.events counts with the descendants.' },
  { v1: 'memory.oom_control', v2: 'memory.events.local', differs: 'v2 counts kills (oom_kill); memory.events does so with those of descendants. There is no way to make tasks wait at the limit instead of being killed.' },
  { v1: 'memory.oom_control', v2: 'memory.oom.group', differs: 'v1 chooses whether to kill at all, v2 whether to kill one process or all of the group.' },
  { v1: 'memory.memsw.usage_in_bytes', v2: 'memory.swap.current', differs: SWAP },
  { v1: 'memory.memsw.limit_in_bytes', v2: 'memory.swap.max', differs: SWAP },
  { v1: 'memory.memsw.max_usage_in_bytes', v2: 'memory.swap.peak', differs: SWAP },
  { v1: 'memory.memsw.failcnt', v2: 'memory.swap.events', differs: SWAP },
  { v1: 'memory.stat', v2: 'memory.stat', differs: 'v1 has a line without and one with the descendants (total_); v2 counts them always, and names anon and file what v1 names rss and cache.' },
  { v1: 'memory.numa_stat', v2: 'memory.numa_stat', differs: 'v1 counts pages, v2 bytes.' },
  { v1: 'memory.force_empty', v2: 'memory.reclaim', differs: EMPTY },
  { v1: 'memory.pressure_level', v2: 'memory.pressure', differs: PRESSURE },
  { v1: 'cpu.shares', v2: 'cpu.weight', differs: 'Other scales: 2 to 262144 with 1024 by default, against 1 to 10000 with 100.' },
  { v1: 'cpu.cfs_quota_us', v2: 'cpu.max', differs: QUOTA },
  { v1: 'cpu.cfs_period_us', v2: 'cpu.max', differs: QUOTA },
  { v1: 'cpu.cfs_burst_us', v2: 'cpu.max.burst' },
  { v1: 'cpu.stat', v2: 'cpu.stat', differs: 'v1 has throttling alone, in nanoseconds; v2 has the CPU time as well, in microseconds.' },
  { v1: 'cpu.stat.local', v2: 'cpu.stat.local', differs: 'v1 counts nanoseconds, v2 microseconds.' },
  { v1: 'cpu.idle', v2: 'cpu.idle' },
  { v1: 'cpuacct.usage', v2: 'cpu.stat', differs: 'Nanoseconds on v1; usage_usec on v2 in microseconds, which cannot be reset.' },
  { v1: 'cpuacct.stat', v2: 'cpu.stat', differs: 'v1 counts in 1/100 s, v2 in microseconds.' },
  { v1: 'cpuset.cpus', v2: 'cpuset.cpus', differs: CPUSET },
  { v1: 'cpuset.mems', v2: 'cpuset.mems', differs: CPUSET },
  { v1: 'cpuset.effective_cpus', v2: 'cpuset.cpus.effective' },
  { v1: 'cpuset.effective_mems', v2: 'cpuset.mems.effective' },
  { v1: 'cpuset.cpu_exclusive', v2: 'cpuset.cpus.exclusive', differs: 'v1’s is a switch for all of the group’s CPUs, v2’s a list.' },
  { v1: 'cpuset.sched_load_balance', v2: 'cpuset.cpus.partition', differs: 'v2’s isolated partition takes its CPUs from everybody else as well.' },
  { v1: 'freezer.state', v2: 'cgroup.freeze', differs: 'v2 takes 1 and 0, and cgroup.events says when all have stopped; a frozen process of v2 can be killed, one of v1 only once it is thawed.' },
  { v1: 'blkio.throttle.io_service_bytes_recursive', v2: 'io.stat', differs: IO_COUNT },
  { v1: 'blkio.throttle.io_serviced_recursive', v2: 'io.stat', differs: IO_COUNT },
  { v1: 'blkio.throttle.read_bps_device', v2: 'io.max', differs: IO_LIMIT },
  { v1: 'blkio.throttle.write_bps_device', v2: 'io.max', differs: IO_LIMIT },
  { v1: 'blkio.throttle.read_iops_device', v2: 'io.max', differs: IO_LIMIT },
  { v1: 'blkio.throttle.write_iops_device', v2: 'io.max', differs: IO_LIMIT },
  { v1: 'blkio.bfq.weight', v2: 'io.bfq.weight' },
  { v1: 'pids.current', v2: 'pids.current' },
  { v1: 'pids.max', v2: 'pids.max' },
  { v1: 'pids.peak', v2: 'pids.peak' },
  { v1: 'pids.events', v2: 'pids.events', differs: 'Since Linux 6.11 v2 counts at the group whose limit it was; v1 at the group that forked.' },
  { v1: 'cgroup.procs', v2: 'cgroup.procs', differs: MEMBERS },
  { v1: 'tasks', v2: 'cgroup.threads', differs: 'v1 lets threads of a process be in any groups; v2 only within one threaded subtree.' },
  { v1: 'notify_on_release', v2: 'cgroup.events', differs: 'v1 runs a program when the group is empty; on v2 the line populated changes, which poll and inotify tell.' },
  { v1: 'cgroup.event_control', v2: 'memory.events', differs: 'v1 signals an eventfd that was registered; on v2 the files that change are themselves polled or watched.' },
];
