// The io controller of cgroup v2 (Documentation/admin-guide/cgroup-v2.rst, “IO”); disks are named major:minor.
import { type ControlFile, controlFile } from '../control-file.ts';

const io = { controller: 'io', version: 2, notInRoot: true } as const;
const perDisk = { ...io, unit: 'none', format: 'device-settings', access: 'both' } as const;
const cost = { ...perDisk, notInRoot: undefined, onlyInRoot: true, kind: 'setting', since: 'Only with CONFIG_BLK_CGROUP_IOCOST.', refuses: 'No such disk: ENODEV. An unknown key or a bad value: EINVAL.' } as const;

export const unifiedIoFiles: readonly ControlFile[] = [
  controlFile({ ...io, name: 'io.stat', notInRoot: undefined, unit: 'bytes', kind: 'counter', format: 'device-counters', access: 'read', sampled: true, keys: ['rbytes', 'wbytes', 'rios', 'wios'], history: ['rbytes', 'wbytes'],
    help: 'Bytes and operations that the group and its descendants read (r), wrote (w) and discarded (d) on each disk; cgdeck shows the sum over all disks.' }),
  controlFile({ ...perDisk, name: 'io.max', kind: 'limit', sampled: true, onlyWritten: true,
    help: 'Limits for each disk: bytes (rbps, wbps) and operations (riops, wiops) per second.', refuses: 'Wants "major:minor key=value …" with rbps, wbps, riops or wiops; a disk without limits has no line. No such disk: ENODEV. 0: ERANGE. Anything else: EINVAL.' }),
  controlFile({ ...io, name: 'io.weight', unit: 'weight', kind: 'setting', format: 'flat-keyed', sets: 'default', access: 'both', since: 'Only with CONFIG_BLK_CGROUP_IOCOST.',
    help: 'The group’s weight on disks that io.cost controls: 1 to 10000, 100 by default. A disk may have a weight of its own.', refuses: 'Out of range: ERANGE or EINVAL. No such disk: ENODEV. A disk that io.cost does not control: EOPNOTSUPP.' }),
  controlFile({ ...io, name: 'io.bfq.weight', unit: 'weight', kind: 'setting', format: 'flat-keyed', sets: 'default', access: 'both', since: 'Only with the BFQ scheduler.',
    help: 'The group’s weight on disks that use the BFQ scheduler: 1 to 1000.', refuses: 'Out of range: ERANGE or EINVAL.' }),
  controlFile({ ...perDisk, name: 'io.latency', kind: 'setting', since: 'Only with CONFIG_BLK_CGROUP_IOLATENCY.',
    help: 'A latency target for each disk, in microseconds: while it is missed, siblings with a higher target are slowed down.', refuses: 'Wants "major:minor target=usec". No such disk: ENODEV.' }),
  controlFile({ ...io, name: 'io.prio.class', unit: 'none', kind: 'setting', format: 'word', access: 'both', since: 'Only with CONFIG_BLK_CGROUP_IOPRIO.',
    help: 'How the kernel changes the IO priority that tasks request: no-change, promote-to-rt, restrict-to-be, idle or none-to-rt.', refuses: 'Another word: EINVAL.' }),
  controlFile({ ...cost, name: 'io.cost.qos', help: 'In the root only: whether io.weight is enforced on a disk, and the latencies at which the disk counts as busy.' }),
  controlFile({ ...cost, name: 'io.cost.model', help: 'In the root only: how much of a disk’s capacity each kind of operation costs.' }),
];
