// What is mounted: the hierarchies of this machine, read from /proc/self/mountinfo (proc(5)).
import { readFileSync } from 'node:fs';

export interface Hierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
  /** Controllers bound to it; for v1 named hierarchies `name=…`; for v2 what cgroup.controllers lists. */
  readonly controllers: readonly string[];
  /** Where only a part of it is mounted, as in a container: the group that is shown as the root, as /proc/<pid>/cgroup spells it. */
  readonly part?: string;
}

/** A mount of what lies above the root of our cgroup namespace: /proc/<pid>/cgroup does not say where in it anybody is. */
export function isBeyond({ part }: Hierarchy): boolean {
  return part?.startsWith('/..') ?? false;
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

/** The mounts that are seen: one that another was mounted over later is not. */
function uncovered(mountinfo: string): Iterable<string> {
  return new Map(mountinfo.split('\n').map((line) => [line.split(' ')[4], line])).values();
}

/** @param mountinfo the text of /proc/self/mountinfo; a hierarchy mounted twice is taken once, at its first place, and a part of it only where the whole is not there */
export function parseMountinfo(mountinfo: string): Hierarchy[] {
  const found = new Map<string, Hierarchy>();
  for (const line of uncovered(mountinfo)) {
    const [before, after] = line.split(' - ');
    if (before === undefined || after === undefined) continue;
    const [type, , superOptions = ''] = after.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    const [, , device = '', root = '', mountPoint = ''] = before.split(' ');
    const known = found.get(device);
    if (known && (known.part === undefined || root !== '/')) continue;
    const controllers =
      type === 'cgroup2' ? [] : superOptions.split(',').filter((option) => V1_CONTROLLERS.has(option) || option.startsWith('name='));
    const part = root === '/' ? {} : { part: unescapeOctal(root) };
    found.set(device, { mountPoint: unescapeOctal(mountPoint), version: type === 'cgroup2' ? 2 : 1, controllers, ...part });
  }
  return [...found.values()];
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

/** What /proc/<pid>/cgroup calls a hierarchy; "unified" for the one without a name. */
export function nameOf({ version, controllers }: Hierarchy): string {
  return version === 2 ? 'unified' : controllers.join(',');
}

/** The parts that are mounted in place of the whole, by the hierarchy's name; as it was when this process began. */
export const mountedParts: ReadonlyMap<string, string> = new Map(
  readHierarchies().flatMap((hierarchy) => (hierarchy.part === undefined ? [] : [[nameOf(hierarchy), hierarchy.part] as const])),
);

/** A path of /proc/<pid>/cgroup as the page shows it; what lies outside of the part that is mounted begins with "/..", as the kernel writes it. */
export function shownPath(path: string, part: string | undefined): string {
  if (part === undefined || path.startsWith('/..')) return path;
  if (path === part) return '/';
  return path.startsWith(`${part}/`) ? path.slice(part.length) : `/..${path}`;
}

export type Mode = 'v1' | 'v2' | 'hybrid';

export function modeOf(hierarchies: readonly Hierarchy[]): Mode {
  const v1 = hierarchies.some((hierarchy) => hierarchy.version === 1);
  const v2 = hierarchies.some((hierarchy) => hierarchy.version === 2);
  return v1 && v2 ? 'hybrid' : v1 ? 'v1' : 'v2';
}
