// The group of cgroup v2 that cgdeck was started in: whether it is delegated to the user, and a child for our own processes if v2 requires it.
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spell } from '../contract/spelling.ts';
import { mountOf, pathIn, visibleMounts } from '../mountinfo.ts';

export interface OwnGroup {
  /** From the root of the mount, as the page shows it. */
  readonly path: string;
  readonly dir: string;
}

/** Holds our own processes, beside the managed root: a group that enables controllers for children cannot hold processes itself (cgroup-v2.rst, "No Internal Process Constraint"). */
export const LEAF = 'cgdeck-self';
const MANAGED = 'cgdeck';
/** The files that a delegation gives to the user (cgroup-v2.rst, "Delegation"); kernels before 4.14 have no cgroup.threads. */
const DELEGATED = ['cgroup.procs', 'cgroup.subtree_control'];

/**
 * @param cgroup /proc/self/cgroup @param mountinfo /proc/self/mountinfo
 * @returns undefined if no mounted unified tree shows the group
 */
export function ownGroup(
  cgroup: string = readFileSync('/proc/self/cgroup', 'utf8'),
  mountinfo: string = readFileSync('/proc/self/mountinfo', 'utf8'),
): OwnGroup | undefined {
  const path = /^0::(\/[^\n]*)\n/m.exec(cgroup)?.[1];
  if (path === undefined) return undefined;
  const mounts = visibleMounts(mountinfo);
  const shown = mounts.flatMap(({ type, device, root, mountPoint, readOnly }) => {
    if (type !== 'cgroup2') return [];
    // A bind mount of a subtree shows that subtree as its root.
    const inside = root === '/' ? path : path === root ? '/' : path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
    // A path outside of the cgroup namespace begins with "/.." (cgroup_namespaces(7)), and is below no mount.
    if (inside === undefined || /^\/\.\.(\/|$)/.test(inside)) return [];
    const dir = inside === '/' ? mountPoint : (mountPoint === '/' ? '' : mountPoint) + inside;
    // Another file system may be mounted on a directory above.
    const over = mountOf(mounts, dir);
    if (over?.device !== device || pathIn(over, dir) !== path) return [];
    return [{ readOnly, own: { path: spell(Buffer.from(inside).toString('latin1')), dir } }];
  });
  // As the agent chooses: the mount that shows more, then one that can be written to.
  const [best] = shown.toSorted((a, b) => b.own.path.length - a.own.path.length || Number(a.readOnly) - Number(b.readOnly));
  return best?.own;
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function within(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`;
}

/** The managed root for a user whose group is delegated; undefined if it is not. */
export function delegatedRoot(own: OwnGroup | undefined = ownGroup()): string | undefined {
  if (!own || ![own.dir, ...DELEGATED.map((file) => `${own.dir}/${file}`)].every(mayWrite)) return undefined;
  return within(own.path, MANAGED);
}

/**
 * If the managed root is a child of our group, moves this process and the npm that started it into another child, so that the group can
 * enable controllers. Other processes are not moved.
 * @returns whether it moved
 */
export function moveToOwnLeaf(managedRoot: string, own: OwnGroup | undefined = ownGroup()): boolean {
  if (!own || (managedRoot !== own.path && managedRoot.slice(0, managedRoot.lastIndexOf('/')) !== own.path.replace(/^\/$/, '')))
    return false;
  // The rule does not apply to the root of the tree, which alone has no type, nor without controllers.
  if (!existsSync(`${own.dir}/cgroup.type`) || readFileSync(`${own.dir}/cgroup.controllers`, 'utf8').trim() === '') return false;
  const leaf = `${own.dir}/${LEAF}`;
  try {
    if (!existsSync(leaf)) mkdirSync(leaf);
    for (const pid of [...npmAbove(own), process.pid]) writeFileSync(`${leaf}/cgroup.procs`, String(pid));
    return true;
  } catch {
    // Read-only, or not ours: the agent reports what is missing.
    return false;
  }
}

/** The npm that started this process and the processes between; none if there is no npm in our group. */
function npmAbove(own: OwnGroup): number[] {
  const inside = new Set(readFileSync(`${own.dir}/cgroup.procs`, 'utf8').split('\n').map(Number));
  const above: number[] = [];
  for (let pid = process.ppid; inside.has(pid); pid = parentOf(pid)) {
    above.push(pid);
    // npm sets its process title.
    if (/^npm\b/.test(readIfThere(`/proc/${pid}/cmdline`))) return above;
  }
  return [];
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)$/m.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? 0);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
