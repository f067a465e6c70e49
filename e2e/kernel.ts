// A group's values from the kernel's files, without the server and the page.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { keyOn, type Quantity } from '../server/contract/quantities.ts';
import { folderOf, hierarchies, mounts } from './mounts.ts';

/** The version whose hierarchy has the memory controller. */
export function memoryVersion(): 1 | 2 {
  return mounts().get('memory')?.version ?? 2;
}

/** The text of a control file, without the newline at its end; `memory.usage_in_bytes` is in the memory hierarchy. */
export function read(group: string, file: string, hierarchy: string = file.slice(0, file.indexOf('.'))): string {
  return readFileSync(join(folderOf(hierarchy, group), file), 'utf8').replace(/\n$/, '');
}

/** The parts of v2's quota, which have no names in the file. */
const QUOTA_PARTS = ['quota', 'period'];

/** A quantity from its file in the memory controller's version: a number, or a word such as "max". */
export function settingOf(group: string, quantity: Quantity): string {
  const version = memoryVersion();
  const key = keyOn(quantity, version);
  if (key === undefined) throw new Error(`v${version} has no ${quantity}.`);
  const [file = '', part] = key.split(':');
  const text = read(group, file);
  if (part === undefined) return text;
  const value = file === 'cpu.max' ? text.split(' ')[QUOTA_PARTS.indexOf(part)] : new RegExp(`^${part} (.*)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`${group} has no ${quantity} in ${file}: ${text}`);
  return value;
}

/** A quantity that is a number, as the kernel writes it. */
export function measure(group: string, quantity: Quantity): number {
  const text = settingOf(group, quantity);
  if (!/^\d+$/.test(text)) throw new Error(`${group} has no number for ${quantity}: ${text}`);
  return Number(text);
}

export function isFrozen(group: string): boolean {
  return memoryVersion() === 1 ? read(group, 'freezer.state') === 'FROZEN' : /^frozen 1$/m.test(read(group, 'cgroup.events'));
}

/** The processes in the group itself. */
export function pidsIn(group: string): number[] {
  return read(group, 'cgroup.procs', 'memory').split('\n').filter(Boolean).map(Number);
}

/** The process in the group that runs this program, not the launch's init. */
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

/** A group created by another program: only in the memory controller's hierarchy, without cgdeck. */
export function makeGroup(group: string): void {
  mkdirSync(folderOf('memory', group));
}

export function removeGroup(group: string): void {
  rmdirSync(folderOf('memory', group));
}
