// The io controller of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst, “IO”); disks are named major:minor.
import { type ControlFile, controlFile } from '../control-file.ts';

const io = { controller: 'io', version: 2, notInRoot: true } as const;
const perDisk = { ...io, unit: 'none', format: 'device-settings', access: 'both' } as const;
const cost = { ...perDisk, notInRoot: undefined, onlyInRoot: true, kind: 'setting', since: 'Only with CONFIG_BLK_CGROUP_IOCOST.', refuses: 'No such disk: ENODEV. An unknown key or a bad value: EINVAL.' } as const;

export const unifiedIoFiles: readonly ControlFile[] = [
  controlFile({ ...io, name: 'io.stat', notInRoot: undefined, unit: 'bytes', kind: 'counter', format: 'device-counters', access: 'read', sampled: true, keys: ['rbytes', 'wbytes', 'rios', 'wios'], history: ['rbytes', 'wbytes'],
    help: 'Bytes and operations read (r), written (w) and discarded (d) by the group and its descendants, by disk; readings are summed over the disks.' }),
  controlFile({ ...perDisk, name: 'io.max', kind: 'limit', sampled: true, onlyWritten: true,
    help: 'Limits for each disk: bytes (rbps, wbps) and operations (riops, wiops) per second.', refuses: 'Wants "major:minor key=value …" with rbps, wbps, riops or wiops; no such disk: ENODEV; 0: ERANGE; anything else: EINVAL. A disk without limits has no line.' }),
  controlFile({ ...io, name: 'io.weight', unit: 'weight', kind: 'setting', format: 'flat-keyed', access: 'both', since: 'Only with CONFIG_BLK_CGROUP_IOCOST.',
    help: 'The group’s weight for disks under io.cost: 1 to 10000, 100 by default, and one for each disk that differs.', refuses: 'Out of range: ERANGE or EINVAL. No such disk: ENODEV; one that io.cost does not run: EOPNOTSUPP.' }),
  controlFile({ ...io, name: 'io.bfq.weight', unit: 'weight', kind: 'setting', format: 'flat-keyed', access: 'both', since: 'Only with the BFQ scheduler.',
    help: 'The group’s weight where the BFQ scheduler runs the disk: 1 to 1000.', refuses: 'Out of range: ERANGE or EINVAL.' }),
  controlFile({ ...perDisk, name: 'io.latency', kind: 'setting', since: 'Only with CONFIG_BLK_CGROUP_IOLATENCY.',
    help: 'The latency to be kept for the group, in microseconds for each disk: siblings with a looser one are slowed down when it is missed.', refuses: 'Wants "major:minor target=usec"; no such disk: ENODEV.' }),
  controlFile({ ...io, name: 'io.prio.class', unit: 'none', kind: 'setting', format: 'word', access: 'both', since: 'Only with CONFIG_BLK_CGROUP_IOPRIO.',
    help: 'What becomes of the io priority that tasks ask for: no-change, promote-to-rt, restrict-to-be, idle or none-to-rt.', refuses: 'Another word: EINVAL.' }),
  controlFile({ ...cost, name: 'io.cost.qos', help: 'In the root only: whether io.weight is enforced on a disk, and the latencies that steer it.' }),
  controlFile({ ...cost, name: 'io.cost.model', help: 'In the root only: what an operation costs on a disk.' }),
];
