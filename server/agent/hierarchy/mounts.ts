// What is mounted: the hierarchies of this machine, read from /proc/self/mountinfo (proc(5)).
import { readFileSync } from 'node:fs';

export interface Hierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
  /** Controllers bound to it; for v1 named hierarchies `name=…`; for v2 what cgroup.controllers lists. */
  readonly controllers: readonly string[];
}

const V1_CONTROLLERS = new Set([
  'memory',
  'cpu',
  'cpuacct',
  'cpuset',
  'freezer',
  'blkio',
  'pids',
  'devices',
  'net_cls',
  'net_prio',
  'perf_event',
  'hugetlb',
  'rdma',
  'misc',
]);

/** mountinfo writes blanks, tabs, newlines and backslashes in octal. */
function unescapeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** @param mountinfo the text of /proc/self/mountinfo; a hierarchy mounted twice is taken once, at its first place */
export function parseMountinfo(mountinfo: string): Hierarchy[] {
  const found: Hierarchy[] = [];
  const seen = new Set<string>();
  for (const line of mountinfo.split('\n')) {
    const [before, after] = line.split(' - ');
    if (before === undefined || after === undefined) continue;
    const [type, , superOptions = ''] = after.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    const [, , device = '', root, mountPoint = ''] = before.split(' ');
    // A bind mount of a part of the tree is no hierarchy of its own.
    if (root !== '/' || seen.has(device)) continue;
    seen.add(device);
    const controllers =
      type === 'cgroup2' ? [] : superOptions.split(',').filter((option) => V1_CONTROLLERS.has(option) || option.startsWith('name='));
    found.push({ mountPoint: unescapeOctal(mountPoint), version: type === 'cgroup2' ? 2 : 1, controllers });
  }
  return found;
}

export function unifiedControllers(mountPoint: string): string[] {
  try {
    return readFileSync(`${mountPoint}/cgroup.controllers`, 'utf8')
      .trim()
      .split(' ')
      .filter((name) => name !== '');
  } catch {
    return [];
  }
}

/** The hierarchies of this machine that hold controllers, or the unified tree; named v1 hierarchies (systemd's) belong to others and are left out. */
export function readHierarchies(): Hierarchy[] {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))
    .map((hierarchy) => (hierarchy.version === 2 ? { ...hierarchy, controllers: unifiedControllers(hierarchy.mountPoint) } : hierarchy))
    .filter((hierarchy) => hierarchy.version === 2 || hierarchy.controllers.some((name) => !name.startsWith('name=')));
}

export type Mode = 'v1' | 'v2' | 'hybrid';

export function modeOf(hierarchies: readonly Hierarchy[]): Mode {
  const v1 = hierarchies.some((hierarchy) => hierarchy.version === 1);
  const v2 = hierarchies.some((hierarchy) => hierarchy.version === 2);
  return v1 && v2 ? 'hybrid' : v1 ? 'v1' : 'v2';
}
