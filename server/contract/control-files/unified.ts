// The unified tree's core files and pressure stall information, alone or beside v1 (Documentation/admin-guide/cgroup-v2.rst, accounting/psi.rst).
import { type ControlFile, controlFile } from '../control-file.ts';

const core = { controller: 'cgroup', version: 2 } as const;
const psi = { controller: 'psi', version: 2, unit: 'percent', kind: 'gauge', format: 'nested-keyed', access: 'both', sampled: true } as const;
const PSI_KEYS = ['some.avg10', 'some.total', 'full.avg10', 'full.total'] as const;
const PSI_HISTORY = ['some.avg10', 'full.avg10'] as const;
const PSI_RULES = 'A write such as "some 150000 1000000" registers a trigger that lasts as long as the descriptor is open; cgdeck refuses it.';

export const unifiedFiles: readonly ControlFile[] = [
  controlFile({ ...psi, name: 'memory.pressure', keys: PSI_KEYS, history: PSI_HISTORY, help: 'The share of time in which some tasks (some), or all non-idle tasks at once (full), waited for memory; total is in microseconds.', refuses: PSI_RULES }),
  controlFile({ ...psi, name: 'cpu.pressure', keys: PSI_KEYS, history: PSI_HISTORY, help: 'The share of time in which some tasks (some), or all non-idle tasks at once (full), waited for a CPU; total is in microseconds.', refuses: PSI_RULES }),
  controlFile({ ...psi, name: 'io.pressure', keys: PSI_KEYS, history: PSI_HISTORY, help: 'The share of time in which some tasks (some), or all non-idle tasks at once (full), waited for disks; total is in microseconds.', refuses: PSI_RULES }),
  controlFile({ ...psi, name: 'irq.pressure', sampled: false, since: 'Since Linux 6.1, with CONFIG_IRQ_TIME_ACCOUNTING.', help: 'The share of time in which interrupts kept all tasks from running; total is in microseconds.', refuses: PSI_RULES }),
  controlFile({ ...core, name: 'cgroup.procs', unit: 'count', kind: 'list', format: 'lines', access: 'both', sampled: true, history: true, quantity: 'processes', help: 'The processes in the group itself; writing a pid moves that process here.', refuses: 'No such process: ESRCH. Into a group that enables controllers for its children: EBUSY. In a threaded group, also reading: EOPNOTSUPP. Across the border of a delegated subtree: EACCES or ENOENT.' }),
  controlFile({ ...core, name: 'cgroup.controllers', unit: 'none', kind: 'list', format: 'text', access: 'read', help: 'The controllers that this group can enable for its children.' }),
  controlFile({ ...core, name: 'cgroup.subtree_control', unit: 'none', kind: 'list', format: 'text', access: 'both', help: 'The controllers enabled for the children: "+name" adds, "-name" removes.', refuses: 'A controller that the parent does not enable: ENOENT. No such controller: EINVAL. While processes are in this group, or a child still enables it: EBUSY. Below a threaded group: EOPNOTSUPP.' }),
  controlFile({ ...core, name: 'cgroup.events', unit: 'state', kind: 'state', format: 'flat-keyed', access: 'read', notInRoot: true, sampled: true, keys: ['populated', 'frozen'], history: ['frozen'], unlessV1: 'freezer', help: 'populated: 1 while the group or a descendant has a live process; frozen: 1 while all of them are frozen.' }),
  controlFile({ ...core, name: 'cgroup.freeze', unit: 'state', kind: 'switch', format: 'integer', access: 'both', notInRoot: true, sampled: true, onlyWritten: true, history: true, unlessV1: 'freezer', help: '1 freezes the group and its descendants, 0 thaws them.', refuses: 'Anything but 0 or 1: ERANGE.' }),
  controlFile({ ...core, name: 'cgroup.kill', since: 'Since Linux 5.14.', unit: 'none', kind: 'trigger', format: 'integer', access: 'write', notInRoot: true, help: 'Writing 1 kills every process in the group and its descendants.', refuses: 'Anything but 1: ERANGE. In a threaded group: EOPNOTSUPP.' }),
  controlFile({ ...core, name: 'cgroup.type', unit: 'state', kind: 'state', format: 'word', access: 'both', notInRoot: true, help: 'domain: ordinary; threaded: holds threads of processes of a group above; domain threaded: the top of such groups; domain invalid: cannot hold processes.', refuses: 'Anything but "threaded": EINVAL.' }),
  controlFile({ ...core, name: 'cgroup.stat', unit: 'count', kind: 'gauge', format: 'flat-keyed', access: 'read', help: 'nr_descendants: how many groups are below; nr_dying_descendants: how many were removed and are not freed yet.' }),
  controlFile({ ...core, name: 'cgroup.stat.local', since: 'Since Linux 6.18.', unit: 'usec', kind: 'counter', format: 'flat-keyed', access: 'read', notInRoot: true, help: 'How long this group has been frozen, in microseconds.' }),
  controlFile({ ...core, name: 'cgroup.max.depth', unit: 'count', kind: 'limit', format: 'integer-or-max', access: 'both', help: 'How many levels of groups may be below this one.', refuses: 'Negative: ERANGE.' }),
  controlFile({ ...core, name: 'cgroup.max.descendants', unit: 'count', kind: 'limit', format: 'integer-or-max', access: 'both', help: 'How many groups may be below this one.', refuses: 'Negative: ERANGE.' }),
  controlFile({ ...core, name: 'cgroup.threads', unit: 'count', kind: 'list', format: 'lines', access: 'both', help: 'The threads in the group; writing a tid moves that thread here.', refuses: 'A thread from outside the threaded subtree: EOPNOTSUPP.' }),
  controlFile({ ...core, name: 'cgroup.pressure', since: 'Since Linux 6.1, with PSI.', unit: 'none', kind: 'switch', format: 'integer', access: 'both', help: '0 stops pressure accounting for the group.', refuses: 'Anything but 0 or 1: ERANGE.' }),
];
