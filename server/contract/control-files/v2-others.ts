// The pids and dmem controllers of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst).
import { type ControlFile, controlFile } from '../control-file.ts';

const pids = { controller: 'pids', version: 2, notInRoot: true } as const;
const dmem = { controller: 'dmem', version: 2, unit: 'bytes', kind: 'limit', format: 'flat-keyed', access: 'both', notInRoot: true, since: 'Since Linux 6.14, for drivers that count their memory.', refuses: 'Wants "region size". No such region or not a size: EINVAL.' } as const;

export const unifiedOtherFiles: readonly ControlFile[] = [
  controlFile({ ...pids, name: 'pids.current', unit: 'count', kind: 'gauge', format: 'integer', access: 'read', sampled: true, history: true, quantity: 'tasks', help: 'Tasks (threads count one each) in the group and its descendants.' }),
  controlFile({ ...pids, name: 'pids.max', unit: 'count', kind: 'limit', format: 'integer-or-max', access: 'both', sampled: true, onlyWritten: true, history: true, quantity: 'tasks-limit', help: 'The most tasks allowed; a fork beyond it fails with EAGAIN.', refuses: 'Negative or not a number: EINVAL. Below the current count it is accepted: no task ends, but no new one starts.' }),
  controlFile({ ...pids, name: 'pids.peak', unit: 'count', kind: 'gauge', format: 'integer', access: 'read', quantity: 'tasks-peak', since: 'Since Linux 6.1.', help: 'The most tasks the group has had at once.' }),
  controlFile({ ...pids, name: 'pids.events', unit: 'count', kind: 'counter', format: 'flat-keyed', access: 'read', sampled: true, keys: ['max'], history: true, help: 'max counts the forks that failed: at the limit of this group or of one below; before Linux 6.11, those of this group’s tasks, at its limit or at one above; so since then with the mount option pids_localevents.' }),
  controlFile({ ...pids, name: 'pids.events.local', unit: 'count', kind: 'counter', format: 'flat-keyed', access: 'read', since: 'Since Linux 6.11.', help: 'The forks that failed at this group’s own limit; with the mount option pids_localevents, those of its tasks, at its limit or at one above.' }),

  controlFile({ ...dmem, name: 'dmem.max', help: 'The limit on memory of each device, such as a graphics card: at this usage an allocation fails.' }),
  controlFile({ ...dmem, name: 'dmem.low', help: 'Protection: memory of a device up to this size is evicted only when no unprotected memory is left.' }),
  controlFile({ ...dmem, name: 'dmem.min', help: 'Hard protection: memory of a device up to this size is never evicted.' }),
  controlFile({ ...dmem, name: 'dmem.current', notInRoot: undefined, kind: 'gauge', access: 'read', refuses: undefined, help: 'Memory of each device that the group and its descendants use.' }),
  controlFile({ ...dmem, name: 'dmem.capacity', notInRoot: undefined, onlyInRoot: true, kind: 'gauge', access: 'read', refuses: undefined, help: 'In the root only: how much memory each device has.' }),
];
