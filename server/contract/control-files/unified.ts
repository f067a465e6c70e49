// The unified tree's core files and pressure stall information, alone or beside v1 (Documentation/admin-guide/cgroup-v2.rst, accounting/psi.rst).
import { type ControlFile, controlFile } from '../control-file.ts';

const core = { controller: 'cgroup', version: 2 } as const;
const psi = { controller: 'psi', version: 2, unit: 'percent', kind: 'gauge', format: 'nested-keyed', access: 'both', sampled: true } as const;
const PSI_KEYS = ['some.avg10', 'some.total', 'full.avg10', 'full.total'] as const;
const PSI_HISTORY = ['some.avg10', 'full.avg10'] as const;
const PSI_RULES = 'A write registers a trigger for the life of the descriptor ("some 150000 1000000"); cgdeck does not write it for you.';

export const unifiedFiles: readonly ControlFile[] = [
  controlFile({ ...psi, name: 'memory.pressure', keys: PSI_KEYS, history: PSI_HISTORY, help: 'The share of time in which some, or all, tasks waited for memory; total is in microseconds.', refuses: PSI_RULES }),
  controlFile({ ...psi, name: 'cpu.pressure', keys: PSI_KEYS, history: PSI_HISTORY, help: 'The share of time in which some, or all, tasks waited for a CPU; total is in microseconds.', refuses: PSI_RULES }),
  controlFile({ ...psi, name: 'io.pressure', keys: PSI_KEYS, history: PSI_HISTORY, help: 'The share of time in which some, or all, tasks waited for disks; total is in microseconds.', refuses: PSI_RULES }),
  controlFile({ ...psi, name: 'irq.pressure', sampled: false, since: 'Since Linux 6.1, with CONFIG_IRQ_TIME_ACCOUNTING.', help: 'The share of time that interrupts took from all tasks; total is in microseconds.', refuses: PSI_RULES }),
  controlFile({ ...core, name: 'cgroup.procs', unit: 'count', kind: 'list', format: 'lines', access: 'both', sampled: true, history: true, quantity: 'processes', help: 'The processes in the group itself; writing a pid moves that process here.', refuses: 'No such process: ESRCH. A group with controllers enabled for groups below it: EBUSY. A threaded group, where it cannot be read either: EOPNOTSUPP. Out of what was delegated: EACCES or ENOENT.' }),
  controlFile({ ...core, name: 'cgroup.controllers', unit: 'none', kind: 'list', format: 'text', access: 'read', help: 'The controllers this group could enable for its children.' }),
  controlFile({ ...core, name: 'cgroup.subtree_control', unit: 'none', kind: 'list', format: 'text', access: 'both', help: 'The controllers enabled for the children: "+name" adds, "-name" removes.', refuses: 'A controller that the parent does not hand down: ENOENT. No such controller: EINVAL. Processes in this group, or a child that still uses it: EBUSY. Below a threaded group: EOPNOTSUPP.' }),
  controlFile({ ...core, name: 'cgroup.events', unit: 'state', kind: 'state', format: 'flat-keyed', access: 'read', notInRoot: true, sampled: true, keys: ['populated', 'frozen'], history: ['frozen'], unlessV1: 'freezer', help: 'populated: whether a live process is inside; frozen: whether all of them are frozen.' }),
  controlFile({ ...core, name: 'cgroup.freeze', unit: 'state', kind: 'switch', format: 'integer', access: 'both', notInRoot: true, sampled: true, onlyWritten: true, history: true, unlessV1: 'freezer', help: '1 freezes the group and its descendants on the unified tree.', refuses: 'Takes 0 or 1: ERANGE.' }),
  controlFile({ ...core, name: 'cgroup.kill', since: 'Since Linux 5.14.', unit: 'none', kind: 'trigger', format: 'integer', access: 'write', notInRoot: true, help: 'Writing 1 kills every process in the group and its descendants.', refuses: 'Anything but 1: ERANGE. In a threaded group: EOPNOTSUPP.' }),
  controlFile({ ...core, name: 'cgroup.type', unit: 'state', kind: 'state', format: 'word', access: 'both', notInRoot: true, help: 'domain, threaded, domain threaded, or domain invalid.', refuses: 'Only "threaded" can be written: EINVAL.' }),
  controlFile({ ...core, name: 'cgroup.stat', unit: 'count', kind: 'gauge', format: 'flat-keyed', access: 'read', help: 'How many descendants are alive, and how many are being removed.' }),
  controlFile({ ...core, name: 'cgroup.stat.local', since: 'Since Linux 6.18.', unit: 'usec', kind: 'counter', format: 'flat-keyed', access: 'read', notInRoot: true, help: 'For how long this group was frozen.' }),
  controlFile({ ...core, name: 'cgroup.max.depth', unit: 'count', kind: 'limit', format: 'integer-or-max', access: 'both', help: 'How deep groups may be nested below.', refuses: 'Negative: ERANGE.' }),
  controlFile({ ...core, name: 'cgroup.max.descendants', unit: 'count', kind: 'limit', format: 'integer-or-max', access: 'both', help: 'How many groups may exist below.', refuses: 'Negative: ERANGE.' }),
  controlFile({ ...core, name: 'cgroup.threads', unit: 'count', kind: 'list', format: 'lines', access: 'both', help: 'The threads in the group.', refuses: 'Moving a thread between domains: EOPNOTSUPP.' }),
  controlFile({ ...core, name: 'cgroup.pressure', since: 'Since Linux 6.1, with PSI.', unit: 'none', kind: 'switch', format: 'integer', access: 'both', help: '0 stops pressure accounting for the group.', refuses: 'Takes 0 or 1: ERANGE.' }),
];
