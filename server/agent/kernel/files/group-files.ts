// The control files that a group has on disk, those included that the registry has never heard of.
import { constants, lstatSync, readdirSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { type ControlFile, findControlFiles } from '../../../contract/control-files.ts';
import { onDisk } from '../hierarchy/disk-path.ts';
import type { Group } from '../hierarchy/group-tree.ts';
import { fileFromDisk, type Layout } from '../hierarchy/layout.ts';
import type { Hierarchy } from '../hierarchy/mounts.ts';

/** More than any control file is long that is worth to be shown without being understood. */
const SHOWN_BYTES = 64 * 1024;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

export interface FoundFile {
  /** As the registry has it; on disk a hierarchy may leave out the controller. */
  readonly name: string;
  readonly path: string;
  readonly version: 1 | 2;
  readonly access: ControlFile['access'];
  /** The registry's entry. */
  readonly known?: ControlFile;
}

/** All control files of a group, each name once: of several hierarchies with a core file, as `Layout` places it. */
export function controlFilesOf(layout: Layout, group: Group): FoundFile[] {
  const found = new Map<string, FoundFile>();
  for (const hierarchy of mountedOf(layout, group)) {
    const dir = layout.dir(hierarchy, group.path);
    for (const entry of readdirSync(onDisk(dir), { withFileTypes: true })) {
      const file = entry.isFile() ? (knownAs(layout, group, hierarchy, entry.name) ?? unknownIn(dir, hierarchy, entry.name)) : undefined;
      if (file && !found.has(file.name)) found.set(file.name, file);
    }
  }
  return [...found.values()];
}

/** A group's file that the registry does not know, or knows only elsewhere. */
export function unknownFileOf(layout: Layout, group: Group, name: string): FoundFile | undefined {
  for (const hierarchy of mountedOf(layout, group)) {
    const file = unknownIn(layout.dir(hierarchy, group.path), hierarchy, name);
    if (file) return file;
  }
  return undefined;
}

function mountedOf(layout: Layout, group: Group): Hierarchy[] {
  return layout.hierarchies.filter((hierarchy) => group.in.has(hierarchy) && layout.unreachable(hierarchy, group.path) === undefined);
}

function knownAs(layout: Layout, group: Group, hierarchy: Hierarchy, onDiskAs: string): FoundFile | undefined {
  const name = fileFromDisk(hierarchy, onDiskAs);
  const place = layout.place(group.path, name, (other) => group.in.has(other));
  if (place?.path !== `${layout.dir(hierarchy, group.path)}/${onDiskAs}`) return undefined;
  return { name, path: place.path, version: place.file.version, access: place.file.access, known: place.file };
}

function unknownIn(dir: string, { version }: Hierarchy, name: string): FoundFile | undefined {
  const path = `${dir}/${name}`;
  let stats: Stats;
  try {
    stats = lstatSync(onDisk(path));
  } catch {
    return undefined;
  }
  if (!stats.isFile()) return undefined;
  // Root may open a file that has no reader; and some that only take orders have the mode of one that is read.
  const readable = (stats.mode & 0o444) !== 0 && !findControlFiles(name).some(({ access }) => access === 'write');
  return { name, path, version, access: readable ? 'read' : 'write' };
}

/** The beginning of a file. Not synchronous, since it is unknown what reading it does. @throws an errno */
export async function readBeginning(path: string): Promise<{ raw: string; cut: boolean }> {
  const handle = await open(onDisk(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(SHOWN_BYTES + 1);
    let length = 0;
    for (let more = 1; more > 0 && length < bytes.length; length += more)
      more = (await handle.read(bytes, length, bytes.length - length, null)).bytesRead;
    return { raw: bytes.toString('utf8', 0, Math.min(length, SHOWN_BYTES)).replace(/\n$/, ''), cut: length > SHOWN_BYTES };
  } finally {
    await handle.close();
  }
}
