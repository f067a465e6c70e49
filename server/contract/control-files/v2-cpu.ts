// The cpu and cpuset controllers of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst, “CPU” and “Cpuset”).
import { type ControlFile, controlFile } from '../control-file.ts';

const cpu = { controller: 'cpu', version: 2, notInRoot: true } as const;
const cpuset = { controller: 'cpuset', version: 2, notInRoot: true } as const;
const asked = { ...cpuset, kind: 'list', format: 'ranges', access: 'both' } as const;
const inForce = { ...cpuset, kind: 'list', format: 'ranges', access: 'read' } as const;
const clamp = { ...cpu, unit: 'percent', kind: 'setting', format: 'decimal-or-max', access: 'both', since: 'Only with CONFIG_UCLAMP_TASK_GROUP.', refuses: 'A percentage from 0 to 100 with up to two decimals, or max; beyond: ERANGE.' } as const;
const LIST_RULES = 'Beyond the machine: ERANGE. What is no list: EINVAL. Beyond the parent it is taken, and cut to what the parent has.';
const STAT_KEYS = ['usage_usec', 'user_usec', 'system_usec', 'nr_periods', 'nr_throttled', 'throttled_usec'] as const;

export const unifiedCpuFiles: readonly ControlFile[] = [
  controlFile({ ...cpu, name: 'cpu.weight', unit: 'weight', kind: 'setting', format: 'integer', access: 'both', sampled: true, onlyWritten: true, quantity: 'cpu-weight',
    help: 'The group’s weight against its siblings when the CPUs are contended: 1 to 10000, 100 by default.', refuses: 'Out of range: ERANGE. What is no number: EINVAL.' }),
  controlFile({ ...cpu, name: 'cpu.weight.nice', unit: 'none', kind: 'setting', format: 'integer', access: 'both',
    help: 'The same weight as a nice value: -20 to 19; writing one changes the other.', refuses: 'Out of range: ERANGE.' }),
  controlFile({ ...cpu, name: 'cpu.max', unit: 'usec', kind: 'limit', format: 'quota-period', access: 'both', sampled: true, onlyWritten: true, history: ['quota', 'period'],
    help: 'The quota and its period: CPU time the group may use in each period, over all CPUs; twice the period is two CPUs, and “max” is no limit.', refuses: 'A quota under 1000, a period out of 1000 to 1000000: EINVAL. A period left out stays as it is.' }),
  controlFile({ ...cpu, name: 'cpu.max.burst', unit: 'usec', kind: 'setting', format: 'integer', access: 'both', since: 'Since Linux 5.14.',
    help: 'Unused quota that may be saved up and used in a burst.', refuses: 'More than the quota: EINVAL.' }),
  controlFile({ ...cpu, name: 'cpu.stat', notInRoot: undefined, inCore: true, unlessV1: 'cpu', unit: 'usec', kind: 'counter', format: 'flat-keyed', access: 'read', sampled: true, keys: STAT_KEYS, history: ['usage_usec', 'user_usec', 'system_usec', 'nr_throttled', 'throttled_usec'],
    help: 'CPU time used by the group and its descendants, in all, in user and in system mode; with the controller, the periods of the quota and how many were throttled.' }),
  controlFile({ ...cpu, name: 'cpu.stat.local', notInRoot: undefined, inCore: true, unit: 'usec', kind: 'counter', format: 'flat-keyed', access: 'read', since: 'Since Linux 6.6.', help: 'Time throttled by this group’s own quota.' }),
  controlFile({ ...cpu, name: 'cpu.idle', unit: 'none', kind: 'switch', format: 'integer', access: 'both', since: 'Since Linux 5.15.',
    help: '1 makes the whole group run like SCHED_IDLE: only when nothing else wants the CPU; cpu.weight cannot be set then.', refuses: 'Takes 0 or 1: EINVAL.' }),
  controlFile({ ...clamp, name: 'cpu.uclamp.min', help: 'The least utilisation that the frequency governor takes the group’s tasks to have, in percent.' }),
  controlFile({ ...clamp, name: 'cpu.uclamp.max', help: 'The most utilisation that the frequency governor takes the group’s tasks to have, in percent.' }),

  controlFile({ ...asked, name: 'cpuset.cpus', unit: 'cpus', sampled: true, onlyWritten: true, quantity: 'cpus-asked', help: 'The CPUs asked for the group’s tasks, as a list such as 0-3,6; empty is all of the parent’s.', refuses: LIST_RULES }),
  controlFile({ ...inForce, name: 'cpuset.cpus.effective', notInRoot: undefined, unit: 'cpus', sampled: true, quantity: 'cpus-in-force', help: 'The CPUs in force: what was asked, cut to what the parent has and what is online.' }),
  controlFile({ ...asked, name: 'cpuset.cpus.exclusive', unit: 'cpus', since: 'Since Linux 6.7.', help: 'CPUs kept for partitions below, which no sibling may have too.', refuses: 'A CPU that a sibling has exclusively, or that the machine lacks: EINVAL or ERANGE.' }),
  controlFile({ ...inForce, name: 'cpuset.cpus.exclusive.effective', unit: 'cpus', since: 'Since Linux 6.7.', help: 'The exclusive CPUs in force.' }),
  controlFile({ ...inForce, name: 'cpuset.cpus.isolated', notInRoot: undefined, onlyInRoot: true, unit: 'cpus', since: 'Since Linux 6.8.', help: 'In the root only: the CPUs of all isolated partitions.' }),
  controlFile({ ...cpuset, name: 'cpuset.cpus.partition', unit: 'none', kind: 'setting', format: 'word', access: 'both',
    help: 'member, or root or isolated for a group that has its CPUs to itself, without or with load balancing; “invalid” behind it says why it is none.', refuses: 'Another word: EINVAL. What the CPUs do not allow is taken, and reads as invalid.' }),
  controlFile({ ...asked, name: 'cpuset.mems', unit: 'nodes', help: 'The memory nodes asked for; empty is all of the parent’s. Setting it moves what the tasks have.', refuses: LIST_RULES }),
  controlFile({ ...inForce, name: 'cpuset.mems.effective', notInRoot: undefined, unit: 'nodes', help: 'The memory nodes in force.' }),
];
