// The mounted hierarchies of this machine, from /proc/self/mountinfo (proc(5)).
import { readFileSync } from 'node:fs';

export interface Hierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
  /** v1: its controllers, `name=…` for a named hierarchy; v2: the root's cgroup.controllers. */
  readonly controllers: readonly string[];
  /** Where only a part is mounted, as in a container: the group shown as the root, spelled as in /proc/<pid>/cgroup. */
  readonly part?: string;
}

/** Whether the mount shows groups above our cgroup namespace's root: /proc/<pid>/cgroup does not say in which of them a process is. */
export function isAboveNamespace({ part }: Hierarchy): boolean {
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

/** mountinfo escapes blanks, tabs, newlines and backslashes. */
function unescapeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** The last mount at each mount point: those mounted earlier are hidden. */
function visibleMounts(mountinfo: string): Iterable<string> {
  return new Map(mountinfo.split('\n').map((line) => [line.split(' ')[4], line])).values();
}

/** @param mountinfo the text of /proc/self/mountinfo; of a hierarchy mounted twice, the first mount is taken, or the first that shows the whole hierarchy */
export function parseMountinfo(mountinfo: string): Hierarchy[] {
  const found = new Map<string, Hierarchy>();
  for (const line of visibleMounts(mountinfo)) {
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

/** @param dir a group's directory */
export function unifiedControllers(dir: string): string[] {
  return words(`${dir}/cgroup.controllers`);
}

/** The words of a small file; none if it cannot be read. */
export function words(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split(/\s+/)
      .filter((word) => word !== '');
  } catch {
    return [];
  }
}

/** The hierarchies of this machine: v2, and those of v1 that have controllers; named v1 hierarchies (systemd's) are left out. */
export function readHierarchies(): Hierarchy[] {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'))
    .map((hierarchy) => (hierarchy.version === 2 ? { ...hierarchy, controllers: unifiedControllers(hierarchy.mountPoint) } : hierarchy))
    .filter((hierarchy) => hierarchy.version === 2 || hierarchy.controllers.some((name) => !name.startsWith('name=')));
}

/** A hierarchy's name in /proc/<pid>/cgroup; "unified" for v2, which has none. */
export function nameOf({ version, controllers }: Hierarchy): string {
  return version === 2 ? 'unified' : controllers.join(',');
}

/** The groups shown as the root of partly mounted hierarchies, by the hierarchy's name; read when this process started. */
export const mountedParts: ReadonlyMap<string, string> = new Map(
  readHierarchies().flatMap((hierarchy) => (hierarchy.part === undefined ? [] : [[nameOf(hierarchy), hierarchy.part] as const])),
);

/** The page's path for a path of /proc/<pid>/cgroup; one outside the mounted part begins with "/..", as the kernel writes it. */
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
