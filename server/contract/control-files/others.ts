// freezer, pids, devices, net_cls and net_prio of cgroup v1, and the files that every v1 hierarchy has (Documentation/admin-guide/cgroup-v1/).
import { type ControlFile, controlFile } from '../control-file.ts';

const freezer = { controller: 'freezer', version: 1, notInRoot: true } as const;
const pids = { controller: 'pids', version: 1, notInRoot: true } as const;
const devices = { controller: 'devices', version: 1, unit: 'none', kind: 'list', format: 'text' } as const;
const net = { version: 1, unit: 'none' } as const;
const core = { controller: 'cgroup', version: 1 } as const;

export const otherFiles: readonly ControlFile[] = [
  controlFile({ ...freezer, name: 'freezer.state', unit: 'state', kind: 'state', format: 'word', access: 'both', sampled: true, history: true, quantity: 'freezer-state', help: 'THAWED, FREEZING while tasks are still being stopped, or FROZEN; write FROZEN or THAWED.', refuses: 'Any other word: EINVAL.' }),
  controlFile({ ...freezer, name: 'freezer.self_freezing', unit: 'state', kind: 'gauge', format: 'integer', access: 'read', help: '1 if FROZEN was written to this group itself.' }),
  controlFile({ ...freezer, name: 'freezer.parent_freezing', unit: 'state', kind: 'gauge', format: 'integer', access: 'read', help: '1 if an ancestor is freezing or frozen, which freezes this group too.' }),

  controlFile({ ...pids, name: 'pids.current', unit: 'count', kind: 'gauge', format: 'integer', access: 'read', sampled: true, history: true, quantity: 'tasks', help: 'Tasks (threads count one each) in the group and its descendants.' }),
  controlFile({ ...pids, name: 'pids.max', unit: 'count', kind: 'limit', format: 'integer-or-max', access: 'both', sampled: true, onlyWritten: true, history: true, quantity: 'tasks-limit', help: 'The most tasks allowed; a fork beyond it fails with EAGAIN.', refuses: 'Negative, not a number, or above 4194304, the most that kernel.pid_max can be: EINVAL. Below the current count it is accepted: no task ends, but no new one starts.' }),
  controlFile({ ...pids, name: 'pids.peak', unit: 'count', kind: 'gauge', format: 'integer', access: 'read', quantity: 'tasks-peak', help: 'The most tasks the group has had at once.' }),
  controlFile({ ...pids, name: 'pids.events', unit: 'count', kind: 'counter', format: 'flat-keyed', access: 'read', help: 'max counts the forks of this group’s tasks that failed: at its limit, or at that of a group above.' }),

  controlFile({ ...devices, name: 'devices.list', access: 'read', help: 'The devices the group may use: type, major:minor, and r, w, m for read, write, mknod.' }),
  controlFile({ ...devices, name: 'devices.allow', access: 'write', kind: 'trigger', help: 'Adds a rule, such as "c 1:3 rw": read and write /dev/null.', refuses: 'Not a rule: EINVAL. Not allowed in the parent: EPERM.' }),
  controlFile({ ...devices, name: 'devices.deny', access: 'write', kind: 'trigger', help: 'Removes a rule; "a" denies all devices.', refuses: 'Not a rule: EINVAL.' }),

  controlFile({ ...net, controller: 'net_cls', name: 'net_cls.classid', kind: 'setting', format: 'integer', access: 'both', help: 'The class that packets of the group’s sockets carry for traffic control: major × 65536 + minor, 0 for none.', refuses: 'Not a number of 32 bits: EINVAL.' }),
  controlFile({ ...net, controller: 'net_prio', name: 'net_prio.prioidx', kind: 'gauge', format: 'integer', access: 'read', help: 'The group’s number in the kernel’s table of priorities.' }),
  controlFile({ ...net, controller: 'net_prio', name: 'net_prio.ifpriomap', kind: 'setting', format: 'flat-keyed', access: 'both', help: 'The priority of the group’s traffic on each network interface.', refuses: 'Wants "interface priority". No such interface: ENODEV.' }),

  controlFile({ ...core, name: 'cgroup.procs', unit: 'count', kind: 'list', format: 'lines', access: 'both', sampled: true, staleWhileHeld: true, history: true, quantity: 'processes', help: 'The processes in the group itself; writing a pid moves that process here.', refuses: 'No such process: ESRCH. A kernel thread bound to a CPU, or a cpuset without CPUs: EINVAL or ENOSPC.' }),
  controlFile({ ...core, name: 'tasks', unit: 'count', kind: 'list', format: 'lines', access: 'both', help: 'The threads in the group; writing a tid moves one thread.', refuses: 'No such thread: ESRCH.' }),
  controlFile({ ...core, name: 'cgroup.clone_children', unit: 'none', kind: 'switch', format: 'integer', access: 'both', help: '1 gives new children the CPUs and memory nodes of this group (cpuset).' }),
  controlFile({ ...core, controller: 'memory', name: 'cgroup.event_control', unit: 'none', kind: 'trigger', format: 'text', access: 'write', help: 'Registers an eventfd: "<eventfd> <descriptor of a control file> <argument>".', refuses: 'A closed descriptor: EBADF. A file without notifications: EINVAL.' }),
  controlFile({ ...core, name: 'cgroup.sane_behavior', unit: 'none', kind: 'state', format: 'integer', access: 'read', help: 'Always 0 on v1.', deprecated: 'Kept for old programs.' }),
  controlFile({ ...core, name: 'notify_on_release', unit: 'none', kind: 'switch', format: 'integer', access: 'both', help: '1 makes the kernel run the release agent when the group becomes empty.' }),
  controlFile({ ...core, name: 'release_agent', unit: 'none', kind: 'setting', format: 'text', access: 'both', help: 'In the root only: the program the kernel runs, as root, when a group with notify_on_release becomes empty.', refuses: 'cgdeck never writes it: the kernel would run the program as root, outside every limit.' }),
];
