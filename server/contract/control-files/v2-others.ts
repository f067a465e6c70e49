// The pids, hugetlb, rdma and misc controllers of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst).
import { type ControlFile, controlFile } from '../control-file.ts';

const pids = { controller: 'pids', version: 2, notInRoot: true } as const;
const hugetlb = { controller: 'hugetlb', version: 2, notInRoot: true, since: 'Only where the processor has pages of this size.' } as const;
const rdma = { controller: 'rdma', version: 2, notInRoot: true, unit: 'none', since: 'Only with CONFIG_CGROUP_RDMA.' } as const;
const misc = { controller: 'misc', version: 2, unit: 'count', since: 'Only with CONFIG_CGROUP_MISC.' } as const;

/** Of x86-64, and of arm64 with pages of 4 KiB. */
const HUGE_PAGES = ['64KB', '2MB', '32MB', '1GB'] as const;

function hugetlbFiles(size: string): ControlFile[] {
  const limit = { ...hugetlb, unit: 'bytes', kind: 'limit', format: 'integer-or-max', access: 'both', refuses: 'Rounds down to whole huge pages. Not a size: EINVAL.' } as const;
  const gauge = { ...hugetlb, unit: 'bytes', kind: 'gauge', format: 'integer', access: 'read' } as const;
  const counter = { ...hugetlb, unit: 'count', kind: 'counter', format: 'flat-keyed', access: 'read' } as const;
  return [
    controlFile({ ...limit, name: `hugetlb.${size}.max`, help: `The limit on huge pages of ${size}; a page fault beyond it ends in SIGBUS.` }),
    controlFile({ ...gauge, name: `hugetlb.${size}.current`, help: `Huge pages of ${size} in use, in bytes.` }),
    controlFile({ ...counter, name: `hugetlb.${size}.events`, help: `How often the limit on huge pages of ${size} was hit, descendants included.` }),
    controlFile({ ...counter, name: `hugetlb.${size}.events.local`, help: `How often this group’s own limit on huge pages of ${size} was hit.` }),
    controlFile({ ...limit, name: `hugetlb.${size}.rsvd.max`, help: `The limit on reservations of huge pages of ${size}; an mmap beyond it fails.` }),
    controlFile({ ...gauge, name: `hugetlb.${size}.rsvd.current`, help: `Huge pages of ${size} reserved, in bytes.` }),
    controlFile({ ...gauge, name: `hugetlb.${size}.numa_stat`, format: 'text', help: `Huge pages of ${size} by NUMA node.` }),
  ];
}

export const unifiedOtherFiles: readonly ControlFile[] = [
  controlFile({ ...pids, name: 'pids.current', unit: 'count', kind: 'gauge', format: 'integer', access: 'read', sampled: true, history: true, quantity: 'tasks', help: 'Tasks (threads count one each) in the group and its descendants.' }),
  controlFile({ ...pids, name: 'pids.max', unit: 'count', kind: 'limit', format: 'integer-or-max', access: 'both', sampled: true, onlyWritten: true, history: true, quantity: 'tasks-limit', help: 'The most tasks allowed; a fork beyond it fails with EAGAIN.', refuses: 'Negative or not a number: EINVAL. Below the current count it is accepted: no task ends, but no new one starts.' }),
  controlFile({ ...pids, name: 'pids.peak', unit: 'count', kind: 'gauge', format: 'integer', access: 'read', quantity: 'tasks-peak', since: 'Since Linux 6.1.', help: 'The most tasks the group has had at once.' }),
  controlFile({ ...pids, name: 'pids.events', unit: 'count', kind: 'counter', format: 'flat-keyed', access: 'read', sampled: true, keys: ['max'], history: true, help: 'max counts the forks that failed at the limit.' }),
  controlFile({ ...pids, name: 'pids.events.local', unit: 'count', kind: 'counter', format: 'flat-keyed', access: 'read', since: 'Since Linux 6.11.', help: 'The forks that failed at this group’s own limit.' }),

  ...HUGE_PAGES.flatMap(hugetlbFiles),

  controlFile({ ...rdma, name: 'rdma.max', kind: 'limit', format: 'device-settings', access: 'both', help: 'Limits on the handles and objects of each RDMA device.', refuses: 'Wants "device hca_handle=n hca_object=n". Anything else: EINVAL.' }),
  controlFile({ ...rdma, name: 'rdma.current', kind: 'gauge', format: 'device-settings', access: 'read', help: 'Handles and objects in use on each RDMA device.' }),
  controlFile({ ...misc, name: 'misc.max', notInRoot: true, kind: 'limit', format: 'flat-keyed', access: 'both', help: 'Limits on resources that are only counted, such as encryption keys for virtual machines.', refuses: 'Wants "resource value". An unknown resource: EINVAL.' }),
  controlFile({ ...misc, name: 'misc.current', kind: 'gauge', format: 'flat-keyed', access: 'read', help: 'How much of each resource in misc.max is in use.' }),
  controlFile({ ...misc, name: 'misc.peak', kind: 'gauge', format: 'flat-keyed', access: 'read', since: 'Since Linux 6.11.', help: 'The most of each resource in misc.max that was in use at once.' }),
  controlFile({ ...misc, name: 'misc.capacity', onlyInRoot: true, kind: 'gauge', format: 'flat-keyed', access: 'read', help: 'In the root only: how much of each resource in misc.max the machine has.' }),
  controlFile({ ...misc, name: 'misc.events', notInRoot: true, kind: 'counter', format: 'flat-keyed', access: 'read', help: 'How often each limit was hit, descendants included.' }),
  controlFile({ ...misc, name: 'misc.events.local', notInRoot: true, kind: 'counter', format: 'flat-keyed', access: 'read', since: 'Since Linux 6.11.', help: 'How often this group’s own limits were hit.' }),
];
