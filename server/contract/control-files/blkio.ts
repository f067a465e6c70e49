// The blkio controller of cgroup v1, with the files of the CFQ scheduler, which is gone since Linux 5.0, and of BFQ (Documentation/admin-guide/cgroup-v1/blkio-controller.rst).
import { type ControlFile, controlFile } from '../control-file.ts';

const blkio = { controller: 'blkio', version: 1 } as const;
const throttle = { ...blkio, unit: 'none', kind: 'limit', format: 'text', access: 'both', refuses: 'Wants "major:minor value"; 0 removes the limit. No such disk: ENODEV. Not a number: EINVAL.' } as const;
const ioCounter = { ...blkio, kind: 'counter', format: 'device-keyed', access: 'read' } as const;
const weight = { ...blkio, unit: 'weight', kind: 'setting', access: 'both', notInRoot: true, refuses: 'Out of range: ERANGE or EINVAL. No such disk: ENODEV.' } as const;
const IO_KEYS = ['Read', 'Write'] as const;

const CFQ = { since: 'Before Linux 5.0, with the CFQ scheduler.' } as const;
const BFQ_DEBUG = { since: 'Only with the BFQ scheduler and CONFIG_BFQ_CGROUP_DEBUG.' } as const;

/** The same of CFQ and BFQ, each alone and with descendants. */
function schedulerFiles(prefix: 'blkio' | 'blkio.bfq', by: { readonly since: string }): ControlFile[] {
  const scheduler = prefix === 'blkio' ? 'CFQ' : 'BFQ';
  // CFQ counted jiffies before commit 9a7f38c42c2b.
  const time = scheduler === 'CFQ' ? 'in jiffies (1 to 10 ms), and in nanoseconds from Linux 4.8' : 'in ms';
  const perDisk = { ...blkio, ...by, kind: 'counter', format: 'flat-keyed', access: 'read' } as const;
  const both = (name: string, entry: Omit<Parameters<typeof controlFile>[0], 'name'>): ControlFile[] => [
    controlFile({ ...entry, name: `${prefix}.${name}`, help: `${entry.help}, by the group alone, counted by the ${scheduler} scheduler.` }),
    controlFile({ ...entry, name: `${prefix}.${name}_recursive`, help: `${entry.help}, by the group and its descendants, counted by the ${scheduler} scheduler.` }),
  ];
  const onlyDebug = (name: string, unit: 'nsec' | 'count', help: string) => controlFile({ ...perDisk, unit, name: `${prefix}.${name}`, help });
  return [
    ...both('time', { ...perDisk, unit: 'none', help: `Time that each disk was used, ${time}` }),
    ...both('sectors', { ...perDisk, unit: 'count', help: 'Sectors read from and written to each disk' }),
    ...both('io_service_time', { ...ioCounter, ...by, unit: 'nsec', help: 'Time from when a request was sent to the disk to its end' }),
    ...both('io_wait_time', { ...ioCounter, ...by, unit: 'nsec', help: 'Time that requests waited in the scheduler’s queues' }),
    ...both('io_merged', { ...ioCounter, ...by, unit: 'count', help: 'Requests that were merged into others' }),
    ...both('io_queued', { ...ioCounter, ...by, unit: 'count', kind: 'gauge', help: 'Requests that wait now' }),
    onlyDebug('avg_queue_size', 'count', 'The average number of requests that waited.'),
    onlyDebug('group_wait_time', 'nsec', 'How long the group’s queues waited for a time slice.'),
    onlyDebug('idle_time', 'nsec', 'How long the scheduler idled for this group, waiting for a better request.'),
    onlyDebug('empty_time', 'nsec', 'How long the group had no request.'),
    onlyDebug('dequeue', 'count', 'How often the group was taken out of the disk’s queue.'),
    onlyDebug('unaccounted_time', 'nsec', `Time beyond the group’s time slices${scheduler === 'CFQ' ? `, ${time}` : ''}.`),
  ];
}

export const blkioFiles: readonly ControlFile[] = [
  controlFile({ ...ioCounter, name: 'blkio.throttle.io_service_bytes_recursive', instead: 'blkio.bfq.io_service_bytes_recursive', unit: 'bytes', sampled: true, since: 'Only with CONFIG_BLK_DEV_THROTTLING; without it, what BFQ counts is shown.', keys: IO_KEYS, history: true, help: 'Bytes that the group and its descendants read from and wrote to each disk.' }),
  controlFile({ ...ioCounter, name: 'blkio.throttle.io_service_bytes', unit: 'bytes', help: 'Bytes that the group alone read from and wrote to each disk.' }),
  controlFile({ ...ioCounter, name: 'blkio.throttle.io_serviced_recursive', unit: 'count', help: 'IO operations of the group and its descendants.' }),
  controlFile({ ...ioCounter, name: 'blkio.throttle.io_serviced', unit: 'count', help: 'IO operations of the group alone.' }),
  controlFile({ ...throttle, name: 'blkio.throttle.read_bps_device', help: 'The limit on bytes read per second from one disk.' }),
  controlFile({ ...throttle, name: 'blkio.throttle.write_bps_device', help: 'The limit on bytes written per second to one disk; on v1 it does not limit buffered writes.' }),
  controlFile({ ...throttle, name: 'blkio.throttle.read_iops_device', help: 'The limit on reads per second from one disk.' }),
  controlFile({ ...throttle, name: 'blkio.throttle.write_iops_device', help: 'The limit on writes per second to one disk.' }),
  controlFile({ ...ioCounter, name: 'blkio.bfq.io_service_bytes', unit: 'bytes', help: 'Bytes read and written by the group alone, counted by the BFQ scheduler.' }),
  controlFile({ ...ioCounter, name: 'blkio.bfq.io_service_bytes_recursive', unit: 'bytes', help: 'Bytes read and written by the group and its descendants, counted by the BFQ scheduler.' }),
  controlFile({ ...ioCounter, name: 'blkio.bfq.io_serviced', unit: 'count', help: 'IO operations of the group alone, counted by the BFQ scheduler.' }),
  controlFile({ ...ioCounter, name: 'blkio.bfq.io_serviced_recursive', unit: 'count', help: 'IO operations of the group and its descendants, counted by the BFQ scheduler.' }),
  controlFile({ ...blkio, name: 'blkio.bfq.weight', unit: 'shares', kind: 'setting', format: 'text', access: 'both', help: 'The group’s weight on disks that use the BFQ scheduler: 1 to 1000.', refuses: 'Out of range: ERANGE or EINVAL.', notInRoot: true }),
  controlFile({ ...blkio, name: 'blkio.bfq.weight_device', unit: 'shares', kind: 'setting', format: 'text', access: 'both', help: 'The BFQ weight for one disk: "major:minor weight".', refuses: 'No such disk: ENODEV.', notInRoot: true }),
  controlFile({ ...blkio, name: 'blkio.reset_stats', unit: 'none', kind: 'trigger', format: 'text', access: 'write', help: 'Writing a number resets the blkio counters of the group.', deprecated: 'Current kernels ignore it for the throttle counters.' }),
  ...schedulerFiles('blkio.bfq', BFQ_DEBUG),

  controlFile({ ...weight, ...CFQ, name: 'blkio.weight', format: 'integer', help: 'The group’s weight on disks that use the CFQ scheduler: 10 to 1000, 500 by default.' }),
  controlFile({ ...weight, ...CFQ, name: 'blkio.weight_device', format: 'flat-keyed', help: 'The weight for one disk: "major:minor weight".' }),
  controlFile({ ...weight, ...CFQ, name: 'blkio.leaf_weight', format: 'integer', notInRoot: undefined, help: 'The weight of the group’s own tasks against its child groups: 10 to 1000.' }),
  controlFile({ ...weight, ...CFQ, name: 'blkio.leaf_weight_device', format: 'flat-keyed', notInRoot: undefined, help: 'The same for one disk: "major:minor weight".' }),
  controlFile({ ...ioCounter, ...CFQ, name: 'blkio.io_service_bytes', unit: 'bytes', help: 'Bytes that the group alone read from and wrote to each disk, counted by the CFQ scheduler.' }),
  controlFile({ ...ioCounter, ...CFQ, name: 'blkio.io_service_bytes_recursive', unit: 'bytes', help: 'Bytes that the group and its descendants read from and wrote to each disk, counted by the CFQ scheduler.' }),
  controlFile({ ...ioCounter, ...CFQ, name: 'blkio.io_serviced', unit: 'count', help: 'IO operations of the group alone, counted by the CFQ scheduler.' }),
  controlFile({ ...ioCounter, ...CFQ, name: 'blkio.io_serviced_recursive', unit: 'count', help: 'IO operations of the group and its descendants, counted by the CFQ scheduler.' }),
  ...schedulerFiles('blkio', CFQ),
];
