// The group of cgroup v2 that cgdeck was started in: whether it is this user's, and a leaf for our own processes where the rules of v2 want one.
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

export interface OwnGroup {
  /** As the page shows it: from the root of what is mounted here. */
  readonly path: string;
  readonly dir: string;
}

/** Our own processes go here, beside the managed root: what hands controllers down may hold nobody itself (cgroup-v2.rst, "No Internal Process Constraint"). */
export const LEAF = 'cgdeck-self';
const MANAGED = 'cgdeck';
/** What cgroup-v2.rst, "Delegation", gives to the user besides the folder; kernels before 4.14 have no cgroup.threads. */
const DELEGATED = ['cgroup.procs', 'cgroup.subtree_control'];

/**
 * @param cgroup /proc/self/cgroup @param mountinfo /proc/self/mountinfo
 * @returns undefined where no unified tree is mounted that shows the group
 */
export function ownGroup(
  cgroup: string = readFileSync('/proc/self/cgroup', 'utf8'),
  mountinfo: string = readFileSync('/proc/self/mountinfo', 'utf8'),
): OwnGroup | undefined {
  const path = /^0::(\/.*)$/m.exec(cgroup)?.[1];
  if (path === undefined) return undefined;
  // What another was mounted over later is not seen.
  for (const line of new Map(mountinfo.split('\n').map((one) => [one.split(' ')[4], one])).values()) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', point = ''] = before.split(' ');
    if (!after.startsWith('cgroup2 ')) continue;
    // A bind mount of a part shows that part as its root.
    const inside = root === '/' ? path : path === root ? '/' : path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
    if (inside !== undefined) return { path: inside, dir: inside === '/' ? point : point + inside };
  }
  return undefined;
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

/** The managed root for a user whose own group was delegated to him; undefined where it was not. */
export function delegatedRoot(own: OwnGroup | undefined = ownGroup()): string | undefined {
  if (!own || ![own.dir, ...DELEGATED.map((file) => `${own.dir}/${file}`)].every(mayWrite)) return undefined;
  return within(own.path, MANAGED);
}

/**
 * Moves this process, and npm above it, which runs for nothing else, into a leaf, where the managed root lies right in their group: else
 * that group could hand no controllers down. Other people's processes stay where they are.
 * @returns whether it moved
 */
export function standAside(managedRoot: string, own: OwnGroup | undefined = ownGroup()): boolean {
  if (!own || (managedRoot !== own.path && managedRoot.slice(0, managedRoot.lastIndexOf('/')) !== own.path.replace(/^\/$/, '')))
    return false;
  // The root of the whole tree, which alone has no type, may have both; and without controllers there is no such rule.
  if (!existsSync(`${own.dir}/cgroup.type`) || readFileSync(`${own.dir}/cgroup.controllers`, 'utf8').trim() === '') return false;
  const leaf = `${own.dir}/${LEAF}`;
  try {
    if (!existsSync(leaf)) mkdirSync(leaf);
    for (const pid of [...npmAbove(own), process.pid]) writeFileSync(`${leaf}/cgroup.procs`, String(pid));
    return true;
  } catch {
    // Read-only, or not ours: the agent says what that means.
    return false;
  }
}

/** The processes between this one and the npm that it was started by, and that npm; none where there is none in our group. */
function npmAbove(own: OwnGroup): number[] {
  const inside = new Set(readFileSync(`${own.dir}/cgroup.procs`, 'utf8').split('\n').map(Number));
  const above: number[] = [];
  for (let pid = process.ppid; inside.has(pid); pid = parentOf(pid)) {
    above.push(pid);
    // npm says so in its title.
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
