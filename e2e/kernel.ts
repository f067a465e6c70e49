// What the kernel itself says of a group: read from its files, past the server and past the page.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

const MOUNTS = '/proc/self/mounts';

/** The folder of each mounted hierarchy, by its last name: memory, freezer, unified. */
export function hierarchies(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of readFileSync(MOUNTS, 'utf8').split('\n')) {
    const [, mountPoint = '', type] = line.split(' ');
    if (type === 'cgroup' || type === 'cgroup2') found.set(mountPoint.slice(mountPoint.lastIndexOf('/') + 1), mountPoint);
  }
  return found;
}

export function folderOf(hierarchy: string, group: string): string {
  const mountPoint = hierarchies().get(hierarchy);
  if (mountPoint === undefined) throw new Error(`The ${hierarchy} hierarchy is not mounted, and the tests need it.`);
  return join(mountPoint, group);
}

/** The text of a control file, without the newline at its end; `memory.usage_in_bytes` is in the memory hierarchy. */
export function read(group: string, file: string, hierarchy: string = file.slice(0, file.indexOf('.'))): string {
  return readFileSync(join(folderOf(hierarchy, group), file), 'utf8').trimEnd();
}

export function readNumber(group: string, file: string): number {
  return Number(read(group, file));
}

/** The processes in the group itself. */
export function pidsIn(group: string, hierarchy = 'memory'): number[] {
  return read(group, 'cgroup.procs', hierarchy).split('\n').filter(Boolean).map(Number);
}

/** The process in the group that runs this program: a launch has an init beside it. */
export function pidOf(group: string, comm: string): number {
  const found = pidsIn(group).find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd() === comm);
  if (found === undefined) throw new Error(`Nothing called ${comm} runs in ${group}.`);
  return found;
}

/** The hierarchies in which there is such a group. */
export function whereIs(group: string): string[] {
  return [...hierarchies().keys()].filter((hierarchy) => existsSync(folderOf(hierarchy, group)));
}

/** Groups directly below one, in any hierarchy. */
export function childrenOf(group: string): string[] {
  const names = whereIs(group).flatMap((hierarchy) =>
    readdirSync(folderOf(hierarchy, group), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name),
  );
  return [...new Set(names)].map((name) => join(group, name));
}

/** As another program would make one: in one hierarchy, without asking cgdeck. */
export function makeGroup(group: string, hierarchy = 'memory'): void {
  mkdirSync(folderOf(hierarchy, group));
}

export function removeGroup(group: string, hierarchy = 'memory'): void {
  rmdirSync(folderOf(hierarchy, group));
}

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

/** When a process started, in clock ticks since boot: with its pid it says that it is the same one (proc(5), field 22). */
export function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? '';
}
