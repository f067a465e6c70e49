// The hugetlb controller of both versions, which has the same files for each size of huge pages (Documentation/admin-guide/cgroup-v1/hugetlb.rst, cgroup-v2.rst).
import { type ControlFile, controlFile } from '../control-file.ts';

const hugetlb = { controller: 'hugetlb', notInRoot: true, since: 'Only where the processor has pages of this size; each size has the same files.' } as const;
const limit = { unit: 'bytes', kind: 'limit', format: 'integer', access: 'both', refuses: 'Rounds down to whole huge pages. Not a size: EINVAL.' } as const;
const gauge = { unit: 'bytes', kind: 'gauge', format: 'integer', access: 'read' } as const;
const counter = { unit: 'count', kind: 'counter', format: 'flat-keyed', access: 'read' } as const;
const resetable = { access: 'both', format: 'integer' } as const;

/** All files of one size, such as 2MB. */
function filesOf(size: string): ControlFile[] {
  const pages = `huge pages of ${size}`;
  type Traits = Omit<ControlFile, 'name' | 'controller' | 'version' | 'sampled' | 'help'>;
  const file = (version: 1 | 2, name: string, traits: Traits, help: string, other?: string) =>
    controlFile({ ...hugetlb, ...traits, version, name: `hugetlb.${size}.${name}`, help, ...(other === undefined ? {} : { counterparts: [{ name: `hugetlb.${size}.${other}` }] }) });
  const counted = (of: '' | 'rsvd.', used: string, atLimit: string) => [
    file(1, `${of}limit_in_bytes`, limit, atLimit, `${of}max`),
    file(2, `${of}max`, { ...limit, format: 'integer-or-max' }, atLimit, `${of}limit_in_bytes`),
    file(1, `${of}usage_in_bytes`, gauge, `Bytes in ${pages} that are ${used}.`, `${of}current`),
    file(2, `${of}current`, gauge, `Bytes in ${pages} that are ${used}.`, `${of}usage_in_bytes`),
    file(1, `${of}max_usage_in_bytes`, { ...gauge, ...resetable }, `The most bytes in ${pages} that were ${used} at once; writing 0 resets it.`),
    file(1, `${of}failcnt`, { ...counter, ...resetable }, `How often ${pages} were refused at this group’s own limit, to its tasks or those of groups below; writing 0 resets it.`, of === '' ? 'events' : undefined),
  ];
  return [
    ...counted('', 'in use', `The limit on ${pages}; a page fault beyond it ends in SIGBUS.`),
    ...counted('rsvd.', 'reserved', `The limit on reservations of ${pages}; an mmap beyond it fails.`),
    file(2, 'events', counter, `How often ${pages} were refused to tasks of the group and its descendants: at the limit of one of these groups, or of one above.`, 'failcnt'),
    file(2, 'events.local', counter, `How often ${pages} were refused to tasks of this group: at its limit, or at that of a group above.`),
    ...([1, 2] as const).map((version) => file(version, 'numa_stat', { ...gauge, format: 'text' }, `Bytes in ${pages} by NUMA node.`, 'numa_stat')),
  ];
}

/** Of x86-64, which the registry lists; other processors have sizes from 64KB to 16GB. */
export const hugetlbFiles: readonly ControlFile[] = ['2MB', '1GB'].flatMap(filesOf);

const known = new Map<string, readonly ControlFile[]>();

/** The entries of a file of any size of pages, v1's first. */
export function hugetlbOf(name: string): readonly ControlFile[] {
  const size = /^hugetlb\.(\d{1,4}[KMG]B)\./.exec(name)?.[1];
  if (size === undefined) return [];
  const files = known.get(size) ?? filesOf(size);
  known.set(size, files);
  return files.filter((file) => file.name === name);
}
