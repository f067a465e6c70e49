// The mounted hierarchies of this machine, from /proc/self/mountinfo.
import { readFileSync } from 'node:fs';
import { findControlFile } from '../../../contract/control-files.ts';
import { isWithin } from '../../../contract/paths.ts';
import { spell } from '../../../contract/spelling.ts';
import { type Mount, pathIn, visibleMounts } from '../../../mountinfo.ts';
import { onDisk, pathOf } from './disk-path.ts';

export interface Hierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
  /** v1: its controllers, `name=…` for a named hierarchy; v2: the root's cgroup.controllers. */
  readonly controllers: readonly string[];
  /** Where only a part is mounted, as in a container: the group shown as the root, spelled as groups are. */
  readonly part?: string;
  /** The control files of a v1 controller are named without it: "cpus" for "cpuset.cpus" (mount option "noprefix", as on Android). */
  readonly noPrefix?: true;
}

const VERSIONS: Readonly<Record<string, 1 | 2>> = { cgroup: 1, cgroup2: 2 };
/** All other options of a v1 hierarchy are its controllers (cgroup1_show_options), which may be ones that cgdeck does not know. Linux 3.10 to 3.15: sane_behavior. */
const NO_CONTROLLERS = new Set(
  'rw ro sync dirsync mand lazytime seclabel noprefix xattr clone_children cpuset_v2_mode favordynmods sane_behavior __DEVEL__sane_behavior'.split(
    ' ',
  ),
);

/** The path of the release agent, which comes after the controllers, may have commas. */
function controllersOf({ superOptions }: Mount): string[] {
  const agent = superOptions.findIndex((option) => option.startsWith('release_agent='));
  return superOptions.filter((option, at) =>
    option.includes('=') ? option.startsWith('name=') : (agent < 0 || at < agent) && !NO_CONTROLLERS.has(option),
  );
}

/** A bind mount may be of one control file, or hide one: no group can have the name of a control file of its version. */
function isControlFile(path: string, version: Hierarchy['version'] | undefined, prefix = ''): boolean {
  return findControlFile(prefix + path.slice(path.lastIndexOf('/') + 1), version) !== undefined;
}

/** Whether the mount shows groups above our cgroup namespace's root: /proc/<pid>/cgroup does not say in which of them a process is. */
export function isAboveNamespace({ part }: Hierarchy): boolean {
  return part !== undefined && isAbove(part);
}

/** Paths outside of the cgroup namespace or the mounted part begin with "/..", as a group's own name may ("/..a"). */
export function isAbove(path: string): boolean {
  return isWithin(path, '/..');
}

/** The spelling of a path of mountinfo. */
function spelled(path: string): string {
  return spell(Buffer.from(onDisk(path)).toString('latin1'));
}

/** Of one hierarchy's mounts: the whole before a part, and one that can be written to before a read-only one. */
function isBetter(mount: Mount, than: Mount): boolean {
  const [showsMore, showsLess] = [isWithin(than.root, mount.root), isWithin(mount.root, than.root)];
  return showsMore === showsLess ? than.readOnly && !mount.readOnly : showsMore;
}

function hierarchyOf(mount: Mount, version: 1 | 2): Hierarchy {
  return {
    mountPoint: mount.mountPoint,
    version,
    controllers: version === 2 ? [] : controllersOf(mount),
    ...(mount.root === '/' ? {} : { part: spelled(mount.root) }),
    ...(version === 1 && mount.superOptions.includes('noprefix') ? { noPrefix: true } : {}),
  };
}

/** @param mountinfo the text of /proc/self/mountinfo; of a hierarchy mounted twice, the better mount is taken, or the first */
export function parseMountinfo(mountinfo: string): Hierarchy[] {
  const found = new Map<string, Mount>();
  for (const mount of visibleMounts(mountinfo)) {
    const known = found.get(mount.device);
    // A group that was removed can still be mounted somewhere, and is empty.
    if (!(mount.type in VERSIONS) || mount.root.endsWith('//deleted') || isControlFile(mount.root, VERSIONS[mount.type])) continue;
    if (!known || isBetter(mount, known)) found.set(mount.device, mount);
  }
  return [...found.values()].map((mount) => hierarchyOf(mount, VERSIONS[mount.type] ?? 1));
}

/** Whether a hierarchy is still what its mount point shows: it may have been mounted again, and another one instead of it. */
export function isShownBy(hierarchy: Hierarchy, mountinfo: string): boolean {
  const mount = visibleMounts(mountinfo).find(({ mountPoint }) => mountPoint === hierarchy.mountPoint);
  if (!mount || VERSIONS[mount.type] !== hierarchy.version) return false;
  const now = hierarchyOf(mount, hierarchy.version);
  return now.part === hierarchy.part && (now.version === 2 || nameOf(now) === nameOf(hierarchy));
}

/**
 * Mounts below a hierarchy's mount point, by the group on whose directory each is; not those that show the same group, as in LXC's containers.
 * @param mounts of `visibleMounts`
 */
export function coveredGroups({ mountPoint, noPrefix, controllers, version }: Hierarchy, mounts: readonly Mount[]): Map<string, Mount> {
  const own = mounts.find((mount) => mount.mountPoint === mountPoint);
  const prefix = noPrefix && `${controllers[0]}.`;
  const covered = new Map<string, Mount>();
  for (const mount of own ? mounts : []) {
    if (mount === own || !isWithin(mount.mountPoint, mountPoint) || isControlFile(mount.mountPoint, version, prefix)) continue;
    if (!own || mount.device !== own.device || mount.root !== pathIn(own, mount.mountPoint))
      covered.set(spelled(mount.mountPoint.slice(mountPoint.length)), mount);
  }
  return covered;
}

/** @param dir a group's directory */
export function unifiedControllers(dir: string): string[] {
  return words(`${dir}/cgroup.controllers`);
}

/** The words of a small file; none if it cannot be read. */
export function words(path: string): string[] {
  try {
    return readFileSync(onDisk(path), 'utf8')
      .split(/\s+/)
      .filter((word) => word !== '');
  } catch {
    return [];
  }
}

/** The text of /proc/self/mountinfo, with the bytes of paths that are not UTF-8 kept for `onDisk`. */
export function readMountinfo(): string {
  return pathOf(readFileSync('/proc/self/mountinfo', 'latin1'));
}

/** The hierarchies of this machine: v2, and those of v1 that have controllers; named v1 hierarchies (systemd's) are left out. */
export function readHierarchies(): Hierarchy[] {
  return parseMountinfo(readMountinfo())
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
  if (part === undefined || isAbove(path)) return path;
  if (path === part) return '/';
  return path.startsWith(`${part}/`) ? path.slice(part.length) : `/..${path}`;
}

export type Mode = 'v1' | 'v2' | 'hybrid';

export function modeOf(hierarchies: readonly Hierarchy[]): Mode {
  const v1 = hierarchies.some((hierarchy) => hierarchy.version === 1);
  const v2 = hierarchies.some((hierarchy) => hierarchy.version === 2);
  return v1 && v2 ? 'hybrid' : v1 ? 'v1' : 'v2';
}
