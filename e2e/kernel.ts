// What the kernel itself says of a group: read from its files, past the server and past the page.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { keyOn, type Quantity } from '../server/contract/quantities.ts';

const MOUNTS = '/proc/self/mounts';

interface Mount {
  readonly point: string;
  readonly version: 1 | 2;
}

/** By the last name of its folder: memory, freezer, unified. */
function mounts(): ReadonlyMap<string, Mount> {
  const found = new Map<string, Mount>();
  for (const line of readFileSync(MOUNTS, 'utf8').split('\n')) {
    const [, point = '', type] = line.split(' ');
    if (type === 'cgroup' || type === 'cgroup2')
      found.set(point.slice(point.lastIndexOf('/') + 1), { point, version: type === 'cgroup' ? 1 : 2 });
  }
  return found;
}

/** The folder of each mounted hierarchy, by its last name. */
export function hierarchies(): ReadonlyMap<string, string> {
  return new Map([...mounts()].map(([name, { point }]) => [name, point]));
}

/** The version whose hierarchy has the memory controller. */
export function memoryVersion(): 1 | 2 {
  return mounts().get('memory')?.version ?? 2;
}

/** What is in no hierarchy of its own is in that of v2. */
export function folderOf(hierarchy: string, group: string): string {
  const all = mounts();
  const mount = all.get(hierarchy) ?? [...all.values()].find(({ version }) => version === 2);
  if (mount === undefined) throw new Error(`The ${hierarchy} hierarchy is not mounted, and the tests need it.`);
  return join(mount.point, group);
}

/** The text of a control file, without the newline at its end; `memory.usage_in_bytes` is in the memory hierarchy. */
export function read(group: string, file: string, hierarchy: string = file.slice(0, file.indexOf('.'))): string {
  return readFileSync(join(folderOf(hierarchy, group), file), 'utf8').replace(/\n$/, '');
}

export function readNumber(group: string, file: string): number {
  return Number(read(group, file));
}

/** A number by what it means, from the file that the version of the memory controller has it in, as the kernel writes it. */
export function measure(group: string, quantity: Quantity): number {
  const key = keyOn(quantity, memoryVersion()) ?? '';
  const [file = '', part] = key.split(':');
  const text = read(group, file);
  const value = part === undefined ? text : new RegExp(`^${part} (.*)$`, 'm').exec(text)?.[1];
  if (value === undefined || !/^\d+$/.test(value)) throw new Error(`${group} has no number for ${quantity} in ${file}: ${text}`);
  return Number(value);
}

export function isFrozen(group: string): boolean {
  return memoryVersion() === 1 ? read(group, 'freezer.state') === 'FROZEN' : /^frozen 1$/m.test(read(group, 'cgroup.events'));
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
  return [...hierarchies()].filter(([, mountPoint]) => existsSync(join(mountPoint, group))).map(([name]) => name);
}

/** The control files that a group has, each with the hierarchy that has it. */
export function controlFilesOf(group: string): { hierarchy: string; version: 1 | 2; file: string }[] {
  return [...mounts()]
    .filter(([, { point }]) => existsSync(join(point, group)))
    .flatMap(([hierarchy, { point, version }]) =>
      readdirSync(join(point, group), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => ({ hierarchy, version, file: name })),
    );
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

/** "major:minor" of a disk that groups can be limited on: a whole one, with room. */
export function disk(): string {
  const found = readdirSync('/sys/block').find((name) => /^(vd|sd|nvme)/.test(name) && sysOf(name, 'size') !== '0');
  if (found === undefined) throw new Error('There is no disk, and the tests need one.');
  return sysOf(found, 'dev');
}

function sysOf(disk: string, file: string): string {
  return readFileSync(join('/sys/block', disk, file), 'utf8').trim();
}
