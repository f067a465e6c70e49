// The rdma and misc controllers, whose files both versions have alike (Documentation/admin-guide/cgroup-v1/rdma.rst, misc.rst, cgroup-v2.rst).
import { type ControlFile, controlFile } from '../control-file.ts';

function filesOf(version: 1 | 2): ControlFile[] {
  const rdma = { controller: 'rdma', version, notInRoot: true, unit: 'none', since: 'Only with CONFIG_CGROUP_RDMA.' } as const;
  const misc = { controller: 'misc', version, unit: 'count', since: 'Only with CONFIG_CGROUP_MISC.' } as const;
  return [
    controlFile({ ...rdma, name: 'rdma.max', kind: 'limit', format: 'device-settings', access: 'both', help: 'Limits on the handles and objects of each RDMA device.', refuses: 'Wants "device hca_handle=n hca_object=n". Anything else: EINVAL.' }),
    controlFile({ ...rdma, name: 'rdma.current', kind: 'gauge', format: 'device-settings', access: 'read', help: 'Handles and objects in use on each RDMA device.' }),
    controlFile({ ...misc, name: 'misc.max', notInRoot: true, kind: 'limit', format: 'flat-keyed', access: 'both', help: 'Limits on resources that are only counted, such as encryption keys for virtual machines.', refuses: 'Wants "resource value". An unknown resource: EINVAL.' }),
    controlFile({ ...misc, name: 'misc.current', kind: 'gauge', format: 'flat-keyed', access: 'read', help: 'How much of each resource in misc.max is in use.' }),
    controlFile({ ...misc, name: 'misc.peak', kind: 'gauge', format: 'flat-keyed', access: 'read', since: 'Since Linux 6.11.', help: 'The most of each resource in misc.max that was in use at once.' }),
    controlFile({ ...misc, name: 'misc.capacity', onlyInRoot: true, kind: 'gauge', format: 'flat-keyed', access: 'read', help: 'In the root only: how much of each resource in misc.max the machine has.' }),
    controlFile({ ...misc, name: 'misc.events', notInRoot: true, kind: 'counter', format: 'flat-keyed', access: 'read', help: 'How often each limit was hit, descendants included.' }),
    controlFile({ ...misc, name: 'misc.events.local', notInRoot: true, kind: 'counter', format: 'flat-keyed', access: 'read', since: 'Since Linux 6.11.', help: 'How often this group’s own limits were hit.' }),
  ].map((file) => ({ ...file, counterparts: [{ name: file.name }] }));
}

export const alikeFiles: readonly ControlFile[] = [...filesOf(1), ...filesOf(2)];
