// Which file of v1 corresponds to which of v2, and where their meanings differ.

interface Pair {
  readonly v1: string;
  readonly v2: string;
  readonly differs?: string;
}

const SWAP = 'v1 counts memory and swap together, v2 swap alone.';
const QUOTA = 'v1 has two files for quota and period; v2 has one line, in which max means no limit.';
const IO_LIMIT = 'v1 has one file for each limit; v2 has one line with all limits of a disk, and limits buffered writes too.';
const IO_COUNT = 'v1 charges writeback of the page cache to the root group, v2 to the group that dirtied the pages.';
const CPUSET = 'With an empty list, a group of v1 accepts no tasks; a group of v2 uses its parent’s list.';
const MEMBERS = 'On v1 a process can be in a different group of each hierarchy. v2 has one tree, and a group that enables controllers for its children holds no processes.';
const EMPTY = 'v1 reclaims all it can, v2 the amount that is written.';
const PRESSURE = 'v1 signals levels estimated from how well reclaim succeeds; v2 measures the time that tasks wait for memory.';

export const counterparts: readonly Pair[] = [
  { v1: 'memory.usage_in_bytes', v2: 'memory.current' },
  { v1: 'memory.limit_in_bytes', v2: 'memory.max', differs: 'Set below what cannot be reclaimed, v1 refuses with EBUSY; v2 kills processes of the group.' },
  { v1: 'memory.soft_limit_in_bytes', v2: 'memory.high', differs: 'v1 uses it only when the machine is short of memory; v2 slows the group down whenever its usage is above.' },
  { v1: 'memory.max_usage_in_bytes', v2: 'memory.peak', differs: 'On v1 a write resets it for all readers; on v2 only for the descriptor that wrote, since Linux 6.12.' },
  { v1: 'memory.failcnt', v2: 'memory.events.local', differs: 'On v2 it is the line max, which cannot be reset; memory.events includes descendants.' },
  { v1: 'memory.oom_control', v2: 'memory.events.local', differs: 'v2 counts kills (oom_kill); memory.events includes those of descendants. v2 cannot make tasks wait at the limit instead of killing them.' },
  { v1: 'memory.oom_control', v2: 'memory.oom.group', differs: 'v1 switches OOM kills off; v2 chooses between killing one process and all of the group.' },
  { v1: 'memory.memsw.usage_in_bytes', v2: 'memory.swap.current', differs: SWAP },
  { v1: 'memory.memsw.limit_in_bytes', v2: 'memory.swap.max', differs: SWAP },
  { v1: 'memory.memsw.max_usage_in_bytes', v2: 'memory.swap.peak', differs: SWAP },
  { v1: 'memory.memsw.failcnt', v2: 'memory.swap.events', differs: SWAP },
  { v1: 'memory.stat', v2: 'memory.stat', differs: 'v1 has each line twice, without and with descendants (total_); v2 always includes descendants, and calls anon and file what v1 calls rss and cache.' },
  { v1: 'memory.numa_stat', v2: 'memory.numa_stat', differs: 'v1 counts pages, v2 bytes.' },
  { v1: 'memory.force_empty', v2: 'memory.reclaim', differs: EMPTY },
  { v1: 'memory.pressure_level', v2: 'memory.pressure', differs: PRESSURE },
  { v1: 'cpu.shares', v2: 'cpu.weight', differs: 'Different scales: 2 to 262144, 1024 by default, on v1; 1 to 10000, 100 by default, on v2.' },
  { v1: 'cpu.cfs_quota_us', v2: 'cpu.max', differs: QUOTA },
  { v1: 'cpu.cfs_period_us', v2: 'cpu.max', differs: QUOTA },
  { v1: 'cpu.cfs_burst_us', v2: 'cpu.max.burst' },
  { v1: 'cpu.stat', v2: 'cpu.stat', differs: 'v1 has only throttling, in nanoseconds; v2 also has the CPU time, in microseconds.' },
  { v1: 'cpu.stat.local', v2: 'cpu.stat.local', differs: 'v1 counts nanoseconds, v2 microseconds.' },
  { v1: 'cpu.idle', v2: 'cpu.idle' },
  { v1: 'cpu.uclamp.min', v2: 'cpu.uclamp.min' },
  { v1: 'cpu.uclamp.max', v2: 'cpu.uclamp.max' },
  { v1: 'cpuacct.usage', v2: 'cpu.stat', differs: 'v1 counts nanoseconds; usage_usec of v2 counts microseconds and cannot be reset.' },
  { v1: 'cpuacct.stat', v2: 'cpu.stat', differs: 'v1 counts in 1/100 s, v2 in microseconds.' },
  { v1: 'cpuset.cpus', v2: 'cpuset.cpus', differs: CPUSET },
  { v1: 'cpuset.mems', v2: 'cpuset.mems', differs: CPUSET },
  { v1: 'cpuset.effective_cpus', v2: 'cpuset.cpus.effective' },
  { v1: 'cpuset.effective_mems', v2: 'cpuset.mems.effective' },
  { v1: 'cpuset.cpu_exclusive', v2: 'cpuset.cpus.exclusive', differs: 'v1’s is a switch for all of the group’s CPUs, v2’s a list.' },
  { v1: 'cpuset.sched_load_balance', v2: 'cpuset.cpus.partition', differs: 'v2’s isolated partition also takes its CPUs away from all other groups.' },
  { v1: 'freezer.state', v2: 'cgroup.freeze', differs: 'v2 takes 1 and 0, and cgroup.events shows when all tasks have stopped. A frozen process dies of SIGKILL on v2; on v1 only once it is thawed.' },
  { v1: 'blkio.throttle.io_service_bytes_recursive', v2: 'io.stat', differs: IO_COUNT },
  { v1: 'blkio.throttle.io_serviced_recursive', v2: 'io.stat', differs: IO_COUNT },
  { v1: 'blkio.throttle.read_bps_device', v2: 'io.max', differs: IO_LIMIT },
  { v1: 'blkio.throttle.write_bps_device', v2: 'io.max', differs: IO_LIMIT },
  { v1: 'blkio.throttle.read_iops_device', v2: 'io.max', differs: IO_LIMIT },
  { v1: 'blkio.throttle.write_iops_device', v2: 'io.max', differs: IO_LIMIT },
  { v1: 'blkio.weight', v2: 'io.weight', differs: 'Different scales: 10 to 1000, 500 by default, on v1; 1 to 10000, 100 by default, on v2.' },
  { v1: 'blkio.bfq.weight', v2: 'io.bfq.weight' },
  { v1: 'pids.current', v2: 'pids.current' },
  { v1: 'pids.max', v2: 'pids.max' },
  { v1: 'pids.peak', v2: 'pids.peak' },
  { v1: 'pids.events', v2: 'pids.events', differs: 'Since Linux 6.11 v2 counts in the group whose limit was hit; v1, and v2 before, in the group that forked.' },
  { v1: 'cgroup.procs', v2: 'cgroup.procs', differs: MEMBERS },
  { v1: 'tasks', v2: 'cgroup.threads', differs: 'On v1 the threads of a process can be in any groups; on v2 only within one threaded subtree.' },
  { v1: 'notify_on_release', v2: 'cgroup.events', differs: 'v1 runs a program when the group becomes empty; on v2 the line populated changes, which poll and inotify report.' },
  { v1: 'cgroup.event_control', v2: 'memory.events', differs: 'v1 signals a registered eventfd; on v2 the file that changes is itself polled or watched.' },
];
