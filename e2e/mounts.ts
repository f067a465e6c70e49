// Where the hierarchies of control groups are mounted on this machine, and which version each is of.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const MOUNTS = '/proc/self/mounts';

interface Mount {
  readonly point: string;
  readonly version: 1 | 2;
}

/** By the last name of its folder: memory, freezer, unified. */
export function mounts(): ReadonlyMap<string, Mount> {
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

/** Controllers may share a hierarchy, as in "cpu,cpuacct"; one in no v1 hierarchy is in that of v2. */
export function folderOf(hierarchy: string, group: string): string {
  const all = [...mounts()];
  const [, mount] = all.find(([name]) => name.split(',').includes(hierarchy)) ?? all.find(([, { version }]) => version === 2) ?? [];
  if (mount === undefined) throw new Error(`The ${hierarchy} hierarchy is not mounted, and the tests need it.`);
  return join(mount.point, group);
}
