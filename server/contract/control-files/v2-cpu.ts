// The cpu and cpuset controllers of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst, “CPU” and “Cpuset”).
import { type ControlFile, controlFile } from '../control-file.ts';

const cpu = { controller: 'cpu', version: 2, notInRoot: true } as const;
const cpuset = { controller: 'cpuset', version: 2, notInRoot: true } as const;
const asked = { ...cpuset, kind: 'list', format: 'ranges', access: 'both' } as const;
const inForce = { ...cpuset, kind: 'list', format: 'ranges', access: 'read' } as const;
const clamp = { ...cpu, unit: 'percent', kind: 'setting', format: 'decimal-or-max', access: 'both', since: 'Only with CONFIG_UCLAMP_TASK_GROUP.', refuses: 'Wants a percentage from 0 to 100 with up to two decimals, or max. Out of range: ERANGE.' } as const;
const LIST_RULES = 'Not on this machine: ERANGE. Not a list: EINVAL. What the parent lacks is accepted and does not apply.';
const STAT_KEYS = ['usage_usec', 'user_usec', 'system_usec', 'nr_periods', 'nr_throttled', 'throttled_usec'] as const;

export const unifiedCpuFiles: readonly ControlFile[] = [
  controlFile({ ...cpu, name: 'cpu.weight', unit: 'weight', kind: 'setting', format: 'integer', access: 'both', sampled: true, onlyWritten: true, quantity: 'cpu-weight',
    help: 'The group’s weight: when CPUs are contended, siblings get CPU time in proportion to theirs. 1 to 10000, 100 by default.', refuses: 'Out of range: ERANGE. Not a number: EINVAL.' }),
  controlFile({ ...cpu, name: 'cpu.weight.nice', unit: 'none', kind: 'setting', format: 'integer', access: 'both', signed: true, changes: ['cpu.weight'],
    help: 'cpu.weight as a nice value, -20 to 19; writing one changes the other.', refuses: 'Out of range: ERANGE.' }),
  controlFile({ ...cpu, name: 'cpu.max', unit: 'usec', kind: 'limit', format: 'quota-period', access: 'both', sampled: true, onlyWritten: true, history: ['quota', 'period'],
    help: 'Quota and period in microseconds: the CPU time the group may use in each period, summed over all CPUs. Twice the period allows two full CPUs; “max” means no limit.', refuses: 'A quota under 1000, or a period outside 1000 to 1000000: EINVAL. If the period is left out, it does not change.' }),
  controlFile({ ...cpu, name: 'cpu.max.burst', unit: 'usec', kind: 'setting', format: 'integer', access: 'both', since: 'Since Linux 5.14.',
    help: 'How much unused quota a group may save up and use later, beyond its quota.', refuses: 'More than the quota: EINVAL.' }),
  controlFile({ ...cpu, name: 'cpu.stat', notInRoot: undefined, inCore: true, unlessV1: 'cpu', unit: 'usec', kind: 'counter', format: 'flat-keyed', access: 'read', sampled: true, keys: STAT_KEYS, history: ['usage_usec', 'user_usec', 'system_usec', 'nr_throttled', 'throttled_usec'],
    help: 'CPU time used by the group and its descendants: in all, in user mode and in kernel mode. With the cpu controller also how many periods the quota had, in how many the group used it up, and how long it waited.' }),
  controlFile({ ...cpu, name: 'cpu.stat.local', notInRoot: undefined, inCore: true, unit: 'usec', kind: 'counter', format: 'flat-keyed', access: 'read', since: 'Since Linux 6.6.', help: 'How long this group’s own quota made it wait, in microseconds.' }),
  controlFile({ ...cpu, name: 'cpu.idle', unit: 'none', kind: 'switch', format: 'integer', access: 'both', changes: ['cpu.weight'], since: 'Since Linux 5.15.',
    help: '1 makes the whole group run like SCHED_IDLE: only when nothing else needs the CPU. cpu.weight cannot be set while it is 1.', refuses: 'Anything but 0 or 1: EINVAL.' }),
  controlFile({ ...clamp, name: 'cpu.uclamp.min', help: 'The frequency governor treats the group’s tasks as using at least this share of a CPU, in percent, and so runs them faster.' }),
  controlFile({ ...clamp, name: 'cpu.uclamp.max', help: 'The frequency governor treats the group’s tasks as using at most this share of a CPU, in percent, and so runs them slower.' }),

  controlFile({ ...asked, name: 'cpuset.cpus', unit: 'cpus', sampled: true, onlyWritten: true, quantity: 'cpus-asked', help: 'The CPUs requested for the group’s tasks, as a list such as 0-3,6; an empty list means all of the parent’s.', refuses: LIST_RULES }),
  controlFile({ ...inForce, name: 'cpuset.cpus.effective', notInRoot: undefined, unit: 'cpus', sampled: true, quantity: 'cpus-in-force', help: 'The CPUs that apply: those of cpuset.cpus that are online and that the parent has.' }),
  controlFile({ ...asked, name: 'cpuset.cpus.exclusive', unit: 'cpus', since: 'Since Linux 6.7.', help: 'CPUs reserved for partitions in this group or below, which no sibling may have.', refuses: 'A CPU that a sibling has exclusively: EINVAL. Not on this machine: ERANGE.' }),
  controlFile({ ...inForce, name: 'cpuset.cpus.exclusive.effective', unit: 'cpus', since: 'Since Linux 6.7.', help: 'The exclusive CPUs that apply.' }),
  controlFile({ ...inForce, name: 'cpuset.cpus.isolated', notInRoot: undefined, onlyInRoot: true, unit: 'cpus', since: 'Since Linux 6.8.', help: 'In the root only: the CPUs of all isolated partitions.' }),
  controlFile({ ...cpuset, name: 'cpuset.cpus.partition', unit: 'none', kind: 'setting', format: 'word', access: 'both',
    help: 'member: an ordinary group; root: the group has its CPUs to itself; isolated: and without load balancing. If that cannot be, “invalid” and the reason follow.', refuses: 'Another word: EINVAL. If the CPUs do not allow it, the write succeeds and the file reads invalid.' }),
  controlFile({ ...asked, name: 'cpuset.mems', unit: 'nodes', help: 'The memory nodes requested; an empty list means all of the parent’s. A write moves the tasks’ existing pages to them.', refuses: LIST_RULES }),
  controlFile({ ...inForce, name: 'cpuset.mems.effective', notInRoot: undefined, unit: 'nodes', help: 'The memory nodes that apply: those of cpuset.mems that are online and that the parent has.' }),
];
