// What cannot be done from where the agent stands: a tree that is read-only, partial, of a container's own, or not delegated; said once, at start.
import { accessSync, constants, readFileSync, readlinkSync } from 'node:fs';
import { parentPath } from '../../../contract/paths.ts';
import { visible } from '../../../contract/visible.mjs';
import type { Layout } from './layout.ts';
import { type Hierarchy, isBeyond } from './mounts.ts';

/** PROC_CGROUP_INIT_INO (include/linux/proc_ns.h): the cgroup namespace that the machine began with. */
const FIRST_NAMESPACE = 'cgroup:[4026531835]';

export interface Standpoint {
  readonly layout: Layout;
  readonly managedRoot: string;
  /** /proc/self/mountinfo */
  readonly mountinfo: string;
  readonly cgroupNamespace: string;
  readonly uid: number;
  readonly mayWrite: (dir: string) => boolean;
}

/** A sentence for each thing that is missing; empty on a machine that is wholly ours. */
export function viewLimits({ layout, managedRoot, mountinfo, cgroupNamespace, uid, mayWrite }: Standpoint): string[] {
  const missing: string[] = [];
  for (const hierarchy of layout.hierarchies) {
    const what = hierarchy.version === 2 ? 'The unified tree' : `The hierarchy of ${hierarchy.controllers.join(', ')}`;
    if (isReadOnly(mountinfo, hierarchy.mountPoint))
      missing.push(
        `${what} is mounted read-only at ${hierarchy.mountPoint}, as in a container: its groups are shown, and nothing in them can be changed.`,
      );
    else if (!mayWrite(nearest(layout.dir(hierarchy, managedRoot), layout.dir(hierarchy, parentPath(managedRoot)), mayWrite)))
      missing.push(
        `${what} does not let this user make ${managedRoot} or change it: run as root, or have it delegated (chown of the folder and of its cgroup.procs, cgroup.subtree_control and cgroup.threads).`,
      );
  }
  for (const hierarchy of layout.hierarchies) {
    const { part, mountPoint } = hierarchy;
    if (part === undefined) continue;
    missing.push(
      isBeyond(hierarchy)
        ? `What is mounted at ${mountPoint} reaches beyond the cgroup namespace of cgdeck, which cannot tell which group there is its own: everything is shown, and nothing can be changed.`
        : `Only a part of a hierarchy is mounted at ${mountPoint}: what is shown as the root is the group ${part}, and groups outside of it are not seen.`,
    );
  }
  if (cgroupNamespace !== FIRST_NAMESPACE)
    missing.push(
      'cgdeck runs in a cgroup namespace of its own, as in a container: what is shown as the root is a group of the machine, whose other groups are not seen.',
    );
  if (uid !== 0)
    missing.push(
      'cgdeck does not run as root: it acts only in the part of the tree that was delegated to it, and what it launches runs as its own user.',
    );
  const { unified } = layout;
  if (layout.mode === 'v2' && unified && !unified.controllers.includes('memory'))
    missing.push(
      'The unified tree has no memory controller here: memory is neither shown nor limited (cgroup_disable=memory, or it was not delegated).',
    );
  return missing;
}

const WANTED = ['cpu', 'cpuset', 'io', 'memory', 'pids'];
const NAMED = 3;

/**
 * Controllers of v2 that do not reach the managed root, which is there by now, and why.
 * @returns one sentence, undefined where none is lacking
 */
export function heldBack(layout: Layout, managedRoot: string): string | undefined {
  const { unified } = layout;
  if (!unified) return undefined;
  const dir = (group: string) => layout.dir(unified, group);
  const here = words(`${dir(managedRoot)}/cgroup.controllers`);
  const lacking = WANTED.filter((name) => unified.controllers.includes(name) && !here.includes(name));
  if (lacking.length === 0) return undefined;
  const parent = parentPath(managedRoot);
  const inside = words(`${dir(parent)}/cgroup.procs`);
  const effect = `groups below ${managedRoot} have no limits and no readings of ${lacking.join(', ')}`;
  // The root of the whole tree, which has no type, may hold processes.
  if (inside.length === 0 || words(`${dir(parent)}/cgroup.type`).length === 0)
    return `Whoever owns the groups above ${managedRoot} does not hand it every controller (cgroup.subtree_control): ${effect}.${askSystemd(managedRoot, lacking)}`;
  const named = inside.slice(0, NAMED).map((pid) => `${visible(words(`/proc/${pid}/comm`).join(' '))} ${pid}`);
  return `${parent} holds ${inside.length} process${inside.length === 1 ? '' : 'es'} that cgdeck did not start (${named.join(', ')}${inside.length > NAMED ? ', …' : ''}), and v2 lets a group with processes hand no controllers down: ${effect}. Start cgdeck in a group of its own ("systemd-run --user --scope -p Delegate=yes npm start"), or move them into a group below.`;
}

/** systemd.resource-control(5), Delegate=: what its manager of a user has is for an administrator to say. */
function askSystemd(managedRoot: string, lacking: readonly string[]): string {
  if (!/\/user@\d+\.service\//.test(managedRoot)) return '';
  return ` An administrator adds ${lacking.length === 1 ? 'it' : 'them'} by "systemctl edit user@.service", with [Service] and "Delegate=${WANTED.join(' ')}".`;
}

function words(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split(/\s+/)
      .filter((word) => word !== '');
  } catch {
    return [];
  }
}

function nearest(dir: string, above: string, mayWrite: (dir: string) => boolean): string {
  return mayWrite(dir) ? dir : above;
}

function isReadOnly(mountinfo: string, mountPoint: string): boolean {
  // The last one that was mounted there is the one that is seen.
  const line = mountinfo.split('\n').findLast((one) => one.split(' ')[4] === mountPoint) ?? '';
  const [before = '', after = ''] = line.split(' - ');
  // The mount's own options, or those of the file system itself.
  const options = [...(before.split(' ')[5] ?? '').split(','), ...(after.split(' ')[2] ?? '').split(',')];
  return options.includes('ro');
}

/** Whether groups have other names here than on the machine as a whole. */
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
    accessSync(dir, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
