// The unified tree beside v1 (hybrid): its core files and pressure stall information (Documentation/admin-guide/cgroup-v2.rst, accounting/psi.rst).
import { type ControlFile, controlFile } from '../control-file.ts';

const core = { controller: 'cgroup', version: 2 } as const;
const psi = { controller: 'psi', version: 2, unit: 'percent', kind: 'gauge', format: 'nested-keyed', access: 'both', sampled: true } as const;
const PSI_KEYS = ['some.avg10', 'some.total', 'full.avg10', 'full.total'] as const;
const PSI_HISTORY = ['some.avg10', 'full.avg10'] as const;
const PSI_RULES = 'A write registers a trigger for the life of the descriptor ("some 150000 1000000"); cgdeck does not write it for you.';

export const unifiedFiles: readonly ControlFile[] = [
  controlFile({ ...psi, name: 'memory.pressure', keys: PSI_KEYS, history: PSI_HISTORY, quantity: 'psi-memory', help: 'The share of time in which some, or all, tasks waited for memory; total is in microseconds.', refuses: PSI_RULES }),
  controlFile({ ...psi, name: 'cpu.pressure', keys: PSI_KEYS, history: PSI_HISTORY, quantity: 'psi-cpu', help: 'The share of time in which some, or all, tasks waited for a CPU; total is in microseconds.', refuses: PSI_RULES }),
  controlFile({ ...psi, name: 'io.pressure', keys: PSI_KEYS, history: PSI_HISTORY, quantity: 'psi-io', help: 'The share of time in which some, or all, tasks waited for disks; total is in microseconds.', refuses: PSI_RULES }),
  controlFile({ ...core, name: 'cgroup.controllers', unit: 'none', kind: 'list', format: 'text', access: 'read', help: 'The controllers this group could enable for its children.' }),
  controlFile({ ...core, name: 'cgroup.subtree_control', unit: 'none', kind: 'list', format: 'text', access: 'both', help: 'The controllers enabled for the children: "+name" adds, "-name" removes.', refuses: 'A controller that is not available: ENOENT. Processes in this group, or a child that still uses it: EBUSY.' }),
  controlFile({ ...core, name: 'cgroup.events', unit: 'state', kind: 'state', format: 'flat-keyed', access: 'read', notInRoot: true, help: 'populated: whether a live process is inside; frozen: whether all of them are frozen.' }),
  controlFile({ ...core, name: 'cgroup.freeze', unit: 'state', kind: 'switch', format: 'integer', access: 'both', notInRoot: true, help: '1 freezes the group and its descendants on the unified tree.', refuses: 'Takes 0 or 1: ERANGE.' }),
  controlFile({ ...core, name: 'cgroup.kill', unit: 'none', kind: 'trigger', format: 'integer', access: 'write', notInRoot: true, help: 'Writing 1 kills every process in the group and its descendants.', refuses: 'Anything but 1: ERANGE. In a threaded group: EOPNOTSUPP.' }),
  controlFile({ ...core, name: 'cgroup.type', unit: 'state', kind: 'state', format: 'text', access: 'both', notInRoot: true, help: 'domain, threaded, domain threaded, or domain invalid.', refuses: 'Only "threaded" can be written: EINVAL.' }),
  controlFile({ ...core, name: 'cgroup.stat', unit: 'count', kind: 'gauge', format: 'flat-keyed', access: 'read', help: 'How many descendants are alive, and how many are being removed.' }),
  controlFile({ ...core, name: 'cgroup.stat.local', unit: 'usec', kind: 'counter', format: 'flat-keyed', access: 'read', notInRoot: true, help: 'For how long this group was frozen.' }),
  controlFile({ ...core, name: 'cgroup.max.depth', unit: 'count', kind: 'limit', format: 'integer-or-max', access: 'both', help: 'How deep groups may be nested below.', refuses: 'Negative: ERANGE.' }),
  controlFile({ ...core, name: 'cgroup.max.descendants', unit: 'count', kind: 'limit', format: 'integer-or-max', access: 'both', help: 'How many groups may exist below.', refuses: 'Negative: ERANGE.' }),
  controlFile({ ...core, name: 'cgroup.threads', unit: 'count', kind: 'list', format: 'lines', access: 'both', help: 'The threads in the group.', refuses: 'Moving a thread between domains: EOPNOTSUPP.' }),
  controlFile({ ...core, name: 'cgroup.pressure', unit: 'none', kind: 'switch', format: 'integer', access: 'both', help: '0 stops pressure accounting for the group.', refuses: 'Takes 0 or 1: EINVAL.' }),
];
