// What the agent cannot see or change from where it runs (read-only or partial mounts, a cgroup namespace, no delegation), reported at start.
import { accessSync, constants, readlinkSync } from 'node:fs';
import { parentPath } from '../../../contract/paths.ts';
import { visible } from '../../../contract/visible.mjs';
import { mountOf, visibleMounts } from '../../../mountinfo.ts';
import { onDisk } from './disk-path.ts';
import { hierarchyTitle, type Layout } from './layout.ts';
import { type Hierarchy, isAboveNamespace, unifiedControllers, words } from './mounts.ts';

/** PROC_CGROUP_INIT_INO (include/linux/proc_ns.h): the machine's first cgroup namespace. */
const FIRST_NAMESPACE = 'cgroup:[4026531835]';

export interface View {
  readonly layout: Layout;
  readonly managedRoot: string;
  /** /proc/self/mountinfo */
  readonly mountinfo: string;
  readonly cgroupNamespace: string;
  readonly uid: number;
  readonly mayWrite: (dir: string) => boolean;
}

/** A sentence for each thing that is missing; none for root outside of containers. */
export function viewLimits({ layout, managedRoot, mountinfo, cgroupNamespace, uid, mayWrite }: View): string[] {
  const missing: string[] = [];
  const mounts = visibleMounts(mountinfo);
  for (const hierarchy of layout.hierarchies) {
    const what = hierarchyTitle(hierarchy.version, hierarchy.controllers);
    const [dir, above] = [layout.dir(hierarchy, managedRoot), layout.dir(hierarchy, parentPath(managedRoot))];
    // In LXC's containers only their own groups can be written to, by a second mount on their directory.
    if (mountOf(mounts, dir)?.readOnly)
      missing.push(
        `${what} is mounted read-only at ${hierarchy.mountPoint}, as in a container: its groups are shown and cannot be changed.`,
      );
    else if (!mayWrite(dir) && !mayWrite(above))
      missing.push(
        `${what} does not let this user make or change ${managedRoot}: run as root, or have the group delegated (chown its directory, cgroup.procs, cgroup.subtree_control and cgroup.threads).`,
      );
  }
  for (const hierarchy of layout.hierarchies) {
    const { part, mountPoint } = hierarchy;
    if (part === undefined) continue;
    missing.push(
      isAboveNamespace(hierarchy)
        ? `The mount at ${mountPoint} shows groups above the cgroup namespace of cgdeck, so that cgdeck cannot find its own group: everything is shown, and nothing can be changed.`
        : `Only a part of a hierarchy is mounted at ${mountPoint}: what is shown as the root is the group ${part}, and groups outside of it are not shown.`,
    );
  }
  if (cgroupNamespace !== FIRST_NAMESPACE)
    missing.push(
      'cgdeck runs in its own cgroup namespace, as in a container: a group of the machine is shown as the root, and groups outside of it are not shown.',
    );
  if (uid !== 0)
    missing.push(
      'cgdeck does not run as root: it acts only in groups that were delegated to it, and what it launches runs as the same user.',
    );
  if (!layout.ofController('memory') && layout.unified?.controllers.includes('memory') !== true)
    missing.push(
      'No hierarchy has the memory controller here: memory is neither shown nor limited (cgroup_disable=memory, or it was not delegated).',
    );
  return missing;
}

const WANTED = ['cpu', 'cpuset', 'io', 'memory', 'pids'];
const NAMED = 3;

/**
 * The v2 controllers that the existing managed root lacks, and why.
 * @returns one sentence; undefined if it has all
 */
export function missingControllers(layout: Layout, managedRoot: string): string | undefined {
  const { unified } = layout;
  if (!unified) return undefined;
  const dir = (group: string) => layout.dir(unified, group);
  const here = unifiedControllers(dir(managedRoot));
  const lacking = WANTED.filter((name) => unified.controllers.includes(name) && !here.includes(name));
  if (lacking.length === 0) return undefined;
  const parent = parentPath(managedRoot);
  const inside = words(`${dir(parent)}/cgroup.procs`);
  const effect = `groups below ${managedRoot} have no limits and no readings of ${lacking.join(', ')}`;
  // The hierarchy's root, which has no cgroup.type, may contain processes.
  if (inside.length === 0 || words(`${dir(parent)}/cgroup.type`).length === 0)
    return `The groups above ${managedRoot} do not enable every controller for it (cgroup.subtree_control): ${effect}.${askSystemd(managedRoot, lacking)}`;
  const named = inside.slice(0, NAMED).map((pid) => `${visible(words(`/proc/${pid}/comm`).join(' '))} ${pid}`);
  return `${parent} contains ${inside.length} process${inside.length === 1 ? '' : 'es'} that cgdeck did not start (${named.join(', ')}${inside.length > NAMED ? ', …' : ''}), and a v2 group with processes cannot enable controllers for groups below: ${effect}. Start cgdeck in its own group ("systemd-run --user --scope -p Delegate=yes npm start"), or move those processes to a group below.`;
}

/** systemd.resource-control(5), Delegate=: an administrator decides which controllers a user's service manager gets. */
function askSystemd(managedRoot: string, lacking: readonly string[]): string {
  if (!/\/user@\d+\.service\//.test(managedRoot)) return '';
  return ` An administrator adds ${lacking.length === 1 ? 'it' : 'them'} by "systemctl edit user@.service", with [Service] and "Delegate=${WANTED.join(' ')}".`;
}

/** Whether groups have other paths here than for the whole machine. */
export function isInside(hierarchies: readonly Hierarchy[], cgroupNamespace: string): boolean {
  return cgroupNamespace !== FIRST_NAMESPACE || hierarchies.some(({ part }) => part !== undefined);
}

export function ownCgroupNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/cgroup');
  } catch {
    return FIRST_NAMESPACE;
  }
}

export function mayWriteDir(dir: string): boolean {
  try {
    accessSync(onDisk(dir), constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
