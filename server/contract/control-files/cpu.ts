// The cpu, cpuacct and cpuset controllers of cgroup v1 (Documentation/scheduler/sched-bwc.rst, cgroup-v1/cpuacct.rst, cgroup-v1/cpusets.rst).
import { type ControlFile, controlFile } from '../control-file.ts';

const cpu = { controller: 'cpu', version: 1 } as const;
const clamp = { ...cpu, notInRoot: true, unit: 'percent', kind: 'setting', format: 'decimal-or-max', access: 'both', since: 'Only with CONFIG_UCLAMP_TASK_GROUP.', refuses: 'Wants a percentage from 0 to 100 with up to two decimals, or max. Out of range: ERANGE.' } as const;
const cpuacct = { controller: 'cpuacct', version: 1, access: 'read', kind: 'counter' } as const;
const cpuset = { controller: 'cpuset', version: 1 } as const;
const setSwitch = { ...cpuset, unit: 'none', kind: 'switch', format: 'integer', access: 'both', refuses: 'Takes 0 or 1. If the parent’s or a sibling’s setting forbids it: EINVAL, EACCES or EBUSY.' } as const;

export const cpuFiles: readonly ControlFile[] = [
  controlFile({ ...cpu, name: 'cpu.shares', unit: 'shares', kind: 'setting', format: 'integer', access: 'both', sampled: true, onlyWritten: true, quantity: 'cpu-shares',
    help: 'The group’s weight: when CPUs are contended, siblings get CPU time in proportion to theirs. 1024 by default.', refuses: 'A value under 2 becomes 2, one over 262144 becomes 262144, without an error. In the root group: EINVAL.', adjusts: 'The kernel’s minimum is 2, its maximum 262144.' }),
  controlFile({ ...cpu, name: 'cpu.cfs_quota_us', unit: 'usec', kind: 'limit', format: 'integer', access: 'both', sampled: true, onlyWritten: true, history: true, quantity: 'cpu-quota', notInRoot: true,
    help: 'CPU time the group may use in each period, summed over all CPUs: twice the period allows two full CPUs. -1 means no limit.', refuses: 'Under 1000 (1 ms), or a ratio of quota to period above the parent’s: EINVAL.' }),
  controlFile({ ...cpu, name: 'cpu.cfs_period_us', unit: 'usec', kind: 'setting', format: 'integer', access: 'both', sampled: true, onlyWritten: true, history: true, quantity: 'cpu-period', notInRoot: true,
    help: 'The length of the period that the quota refers to: 1000 to 1000000.', refuses: 'Out of range, or a ratio of quota to period above the parent’s: EINVAL.' }),
  controlFile({ ...cpu, name: 'cpu.cfs_burst_us', unit: 'usec', kind: 'setting', format: 'integer', access: 'both', notInRoot: true,
    help: 'How much unused quota a group may save up and use later, beyond its quota.', refuses: 'More than the quota: EINVAL.' }),
  controlFile({ ...cpu, name: 'cpu.stat', unit: 'none', kind: 'counter', format: 'flat-keyed', access: 'read', sampled: true, history: ['nr_throttled', 'throttled_time'], notInRoot: true,
    help: 'nr_periods: periods in which the quota was enforced; nr_throttled: those in which the group used it up and had to wait; throttled_time: for how long, in nanoseconds.' }),
  controlFile({ ...cpu, name: 'cpu.stat.local', unit: 'none', kind: 'counter', format: 'flat-keyed', access: 'read', help: 'How long this group’s own quota made it wait, in nanoseconds.', notInRoot: true }),
  controlFile({ ...cpu, name: 'cpu.idle', unit: 'none', kind: 'switch', format: 'integer', access: 'both', changes: ['cpu.shares'], help: '1 makes the whole group run like SCHED_IDLE: only when nothing else needs the CPU. cpu.shares reads 3 then, and 1024 after it.', refuses: 'Takes 0 or 1; EINVAL in the root group.' }),
  controlFile({ ...cpu, name: 'cpu.rt_period_us', unit: 'usec', kind: 'setting', format: 'integer', access: 'both', help: 'The period of the real-time budget.', refuses: 'If the siblings together would exceed the parent: EINVAL.' }),
  controlFile({ ...cpu, name: 'cpu.rt_runtime_us', unit: 'usec', kind: 'limit', format: 'integer', access: 'both', help: 'Real-time CPU time in each period; 0 keeps real-time tasks out of the group.', refuses: 'If the siblings together would exceed the parent: EINVAL. 0 while real-time tasks are in the group: EBUSY.' }),
  controlFile({ ...clamp, name: 'cpu.uclamp.min', help: 'The frequency governor treats the group’s tasks as using at least this share of a CPU, in percent, and so runs them faster.' }),
  controlFile({ ...clamp, name: 'cpu.uclamp.max', help: 'The frequency governor treats the group’s tasks as using at most this share of a CPU, in percent, and so runs them slower.' }),

  controlFile({ ...cpuacct, name: 'cpuacct.usage', unit: 'nsec', format: 'integer', access: 'both', sampled: true, history: true, quantity: 'cpu-usage', help: 'CPU time used by the group and its descendants; writing 0 resets it.', refuses: 'Anything but 0: EINVAL.' }),
  controlFile({ ...cpuacct, name: 'cpuacct.usage_percpu', unit: 'nsec', format: 'per-cpu', sampled: true, history: true, help: 'CPU time used, one number for each CPU.' }),
  controlFile({ ...cpuacct, name: 'cpuacct.stat', unit: 'userHz', format: 'flat-keyed', sampled: true, help: 'CPU time split into user and system, in 1/100 s.' }),
  controlFile({ ...cpuacct, name: 'cpuacct.usage_all', unit: 'nsec', format: 'text', help: 'User and system CPU time for each CPU, as a table.' }),
  controlFile({ ...cpuacct, name: 'cpuacct.usage_user', unit: 'nsec', format: 'integer', help: 'CPU time used in user mode.' }),
  controlFile({ ...cpuacct, name: 'cpuacct.usage_sys', unit: 'nsec', format: 'integer', help: 'CPU time used in kernel mode.' }),
  controlFile({ ...cpuacct, name: 'cpuacct.usage_percpu_user', unit: 'nsec', format: 'per-cpu', help: 'CPU time used in user mode, one number for each CPU.' }),
  controlFile({ ...cpuacct, name: 'cpuacct.usage_percpu_sys', unit: 'nsec', format: 'per-cpu', help: 'CPU time used in kernel mode, one number for each CPU.' }),

  controlFile({ ...cpuset, name: 'cpuset.cpus', unit: 'cpus', kind: 'list', format: 'ranges', access: 'both', sampled: true, onlyWritten: true, quantity: 'cpus-asked', help: 'The CPUs that the group’s tasks may run on, as a list such as 0-3,6.', refuses: 'Not on this machine: ERANGE. Not in the parent’s list: EACCES. Emptied while tasks are in the group: ENOSPC. Not a list: EINVAL.' }),
  controlFile({ ...cpuset, name: 'cpuset.mems', unit: 'nodes', kind: 'list', format: 'ranges', access: 'both', help: 'The memory nodes that the group’s tasks may allocate from.', refuses: 'Not on this machine: ERANGE. Not in the parent’s list: EACCES. Emptied while tasks are in the group: ENOSPC.' }),
  controlFile({ ...cpuset, name: 'cpuset.effective_cpus', unit: 'cpus', kind: 'list', format: 'ranges', access: 'read', quantity: 'cpus-in-force', help: 'The CPUs that apply: those of the list that are online and that the parent has.' }),
  controlFile({ ...cpuset, name: 'cpuset.effective_mems', unit: 'nodes', kind: 'list', format: 'ranges', access: 'read', help: 'The memory nodes that apply: those of the list that are online and that the parent has.' }),
  controlFile({ ...setSwitch, name: 'cpuset.cpu_exclusive', help: '1 forbids siblings to use the same CPUs.' }),
  controlFile({ ...setSwitch, name: 'cpuset.mem_exclusive', help: '1 forbids siblings to use the same memory nodes.' }),
  controlFile({ ...setSwitch, name: 'cpuset.mem_hardwall', help: '1 confines kernel allocations to the group’s nodes too.' }),
  controlFile({ ...setSwitch, name: 'cpuset.memory_migrate', help: '1 moves existing pages to the new nodes when the list of nodes changes.' }),
  controlFile({ ...cpuset, name: 'cpuset.memory_pressure', unit: 'count', kind: 'gauge', format: 'integer', access: 'read', help: 'How often tasks of the group recently had to reclaim memory: the rate per second, times 1000.', deprecated: 'Replaced by pressure stall information (PSI).' }),
  controlFile({ ...setSwitch, name: 'cpuset.memory_pressure_enabled', help: 'In the root only: whether memory_pressure is computed.' }),
  controlFile({ ...setSwitch, name: 'cpuset.memory_spread_page', help: '1 spreads page cache evenly over the nodes.' }),
  controlFile({ ...setSwitch, name: 'cpuset.memory_spread_slab', help: '1 once spread the kernel’s slab objects over the nodes.', deprecated: 'Has no effect since the SLAB allocator was removed in Linux 6.8.' }),
  controlFile({ ...setSwitch, name: 'cpuset.sched_load_balance', help: '0 stops the scheduler from balancing load between the group’s CPUs.' }),
  controlFile({ ...cpuset, name: 'cpuset.sched_relax_domain_level', unit: 'none', kind: 'setting', format: 'integer', access: 'both', signed: true, help: 'How far the scheduler looks for an idle CPU when a task wakes: -1 to 5.', refuses: 'Out of range: EINVAL.' }),
];
