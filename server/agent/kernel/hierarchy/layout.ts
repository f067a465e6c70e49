// The directory of each group and the path of each control file: the only module that composes paths below the cgroup mounts.
import { existsSync, type Stats } from 'node:fs';
import { type ControlFile, findControlFiles } from '../../../contract/control-files.ts';
import { lineage } from '../../../contract/paths.ts';
import { sampledFiles } from '../../../contract/readings.ts';
import { visible } from '../../../contract/visible.mjs';
import { type Mount, visibleMounts } from '../../../mountinfo.ts';
import { statDir } from './directories.ts';
import { onDisk, unspelled } from './disk-path.ts';
import {
  coveredGroups,
  type Hierarchy,
  isShownBy,
  type Mode,
  modeOf,
  nameOf,
  readHierarchies,
  readMountinfo,
  unifiedControllers,
} from './mounts.ts';

/** Mounts that a sentence names. */
const NAMED = 3;
/** Files that every v1 hierarchy has are taken from the first of these. */
const CORE_ORDER = ['memory', 'pids', 'cpu', 'freezer', 'cpuacct', 'cpuset', 'blkio', 'devices'];

/** A control file of a group on disk. */
export interface Placed {
  readonly file: ControlFile;
  readonly hierarchy: Hierarchy;
  readonly path: string;
}

export class Layout {
  /** Ordered so that the memory hierarchy, where there is one, comes first. */
  readonly hierarchies: readonly Hierarchy[];
  readonly mode: Mode;
  /** The root directory of each hierarchy when it was last found. */
  readonly #roots = new Map<Hierarchy, Stats>();
  /** By group, what is mounted over its directory. */
  readonly #covers = new Map<Hierarchy, ReadonlyMap<string, Mount>>();
  /** Of v2's mount, which may be mounted again with others. */
  #options: readonly string[] = [];

  constructor(hierarchies: readonly Hierarchy[]) {
    const place = (hierarchy: Hierarchy) =>
      hierarchy.version === 2
        ? CORE_ORDER.length + 1
        : Math.min(...hierarchy.controllers.map((name) => (CORE_ORDER.indexOf(name) + CORE_ORDER.length + 1) % (CORE_ORDER.length + 1)));
    this.hierarchies = [...hierarchies].sort((a, b) => place(a) - place(b));
    this.mode = modeOf(hierarchies);
    for (const hierarchy of hierarchies) this.isMounted(hierarchy);
  }

  /** Whether the hierarchy is mounted now; it may have been unmounted, and mounted again. */
  isMounted(hierarchy: Hierarchy): boolean {
    const root = statDir(hierarchy.mountPoint);
    if (!root) return false;
    const known = this.#roots.get(hierarchy);
    if (known && (known.dev !== root.dev || known.ino !== root.ino) && !isShownBy(hierarchy, readMountinfo())) return false;
    this.#roots.set(hierarchy, root);
    return true;
  }

  /** Finds out what is mounted over directories of groups, and v2's mount options. @returns whether that has changed */
  readCovers(mountinfo = readMountinfo()): boolean {
    const text = () => JSON.stringify([...this.#covers.values()].map((covers) => [...covers.keys()]));
    const before = text();
    const mounts = visibleMounts(mountinfo);
    for (const hierarchy of this.hierarchies) this.#covers.set(hierarchy, coveredGroups(hierarchy, mounts));
    this.#options = mounts.find(({ mountPoint }) => mountPoint === this.unified?.mountPoint)?.superOptions ?? [];
    return text() !== before;
  }

  /** A mount option of v2 (cgroup-v2.rst, “Mounting”), as of the last `readCovers`. */
  hasOption(name: string): boolean {
    return this.#options.includes(name);
  }

  /** What is mounted over the directory of a group or of one above it, which hides it. */
  coverOf(hierarchy: Hierarchy, group: string): Mount | undefined {
    const covers = this.#covers.get(hierarchy);
    return covers && covers.size > 0 ? lineage(group).flatMap((path) => covers.get(path) ?? [])[0] : undefined;
  }

  /** Whether what was found at the group's path is that group, and not what is mounted over it. */
  shows(hierarchy: Hierarchy, group: string, { dev }: Stats): boolean {
    if (!this.#roots.has(hierarchy)) this.isMounted(hierarchy);
    return dev === this.#roots.get(hierarchy)?.dev && this.coverOf(hierarchy, group) === undefined;
  }

  /** Why a group's directory in a hierarchy cannot be used now; undefined if it can. */
  unreachable(hierarchy: Hierarchy, group: string): string | undefined {
    if (!this.isMounted(hierarchy)) return unmountedSentence(hierarchy);
    const cover = this.coverOf(hierarchy, group);
    return cover && coveredSentence(hierarchy, [cover]);
  }

  /** A sentence for each hierarchy that is not mounted any more, not as a whole, or only since this layout was made. */
  missing(): string[] {
    const known = new Set(this.hierarchies.map(nameOf));
    const later = readHierarchies().filter((hierarchy) => !known.has(nameOf(hierarchy)));
    const partly = this.hierarchies.flatMap((hierarchy) => {
      const covers = [...(this.#covers.get(hierarchy)?.values() ?? [])];
      if (!this.isMounted(hierarchy)) return [unmountedSentence(hierarchy)];
      return covers.length > 0 ? [coveredSentence(hierarchy, covers)] : [];
    });
    return [...partly, ...later.map(laterSentence)];
  }

  /** The directory of a group in one hierarchy; pass it through `onDisk` for a system call. */
  dir(hierarchy: Hierarchy, group: string): string {
    return group === '/' ? hierarchy.mountPoint : hierarchy.mountPoint + unspelled(group);
  }

  /** The mounted v1 hierarchy of a controller. */
  ofController(name: string): Hierarchy | undefined {
    return this.hierarchies.find((hierarchy) => hierarchy.version === 1 && hierarchy.controllers.includes(name));
  }

  get unified(): Hierarchy | undefined {
    return this.hierarchies.find((hierarchy) => hierarchy.version === 2);
  }

  /** The controllers that a v2 group has (cgroup.controllers). */
  enabledIn(unified: Hierarchy, group: string): readonly string[] {
    return unified.controllers.length === 0 ? [] : unifiedControllers(this.dir(unified, group));
  }

  /** The hierarchies that may have a control file of the entry's version, the preferred one first. */
  hierarchiesOf(file: ControlFile): readonly Hierarchy[] {
    if (file.version === 2) return this.unified && mayHave(this.unified, file) ? [this.unified] : [];
    // Every v1 hierarchy has the core files (cgroup.procs, tasks). The memory hierarchy's list the processes that are charged for memory.
    if (file.controller === 'cgroup') {
      const memory = this.ofController('memory');
      const others = this.hierarchies.filter((hierarchy) => hierarchy.version === 1 && hierarchy !== memory);
      return memory ? [memory, ...others] : others;
    }
    const own = this.ofController(file.controller);
    return own ? [own] : [];
  }

  /**
   * The registry entry and path of a group's control file, of the version that has its controller on this machine; both never have it.
   * @param exists whether the group has a directory in a hierarchy
   * @returns undefined if no mounted hierarchy has the file, or the group is in none of them
   */
  place(group: string, name: string, exists: (hierarchy: Hierarchy) => boolean): Placed | undefined {
    for (const file of findControlFiles(name)) {
      const hierarchy = this.hierarchiesOf(file).find(exists);
      if (!hierarchy) continue;
      const pathOf = (one: string) => `${this.dir(hierarchy, group)}/${fileOnDisk(hierarchy, one)}`;
      const isInstead = file.instead !== undefined && !existsSync(onDisk(pathOf(name))) && existsSync(onDisk(pathOf(file.instead)));
      return { file, hierarchy, path: pathOf(isInstead ? file.instead : name) };
    }
    return undefined;
  }

  filePath(group: string, name: string, exists: (hierarchy: Hierarchy) => boolean): string | undefined {
    return this.place(group, name, exists)?.path;
  }

  /** The control files that a tick reads of a group. */
  *sampled(group: string, exists: (hierarchy: Hierarchy) => boolean): Iterable<Placed> {
    for (const file of sampledFiles) {
      if (group === '/' ? file.notInRoot : file.onlyInRoot) continue;
      // A group that is in v2 alone has v2's file, whatever is mounted: systemd makes some there only.
      const v1 = file.unlessV1 === undefined ? undefined : this.ofController(file.unlessV1);
      if (v1 && exists(v1)) continue;
      const place = this.place(group, file.name, exists);
      if (place?.file === file) yield place;
    }
  }
}

function coveredSentence({ version, controllers }: Hierarchy, covers: readonly Mount[]): string {
  const places = covers.map(({ mountPoint, type }) => `${visible(mountPoint)} (${type})`);
  const named = `${places.slice(0, NAMED).join(', ')}${places.length > NAMED ? ', …' : ''}`;
  return `${hierarchyTitle(version, controllers)} has something mounted over directories of groups, at ${named}: those groups are not shown there and cannot be changed. Unmount it (umount); cgdeck notices.`;
}

function laterSentence({ mountPoint, version, controllers }: Hierarchy): string {
  return `${hierarchyTitle(version, controllers)} was mounted at ${visible(mountPoint)} after cgdeck started, and is not shown: start cgdeck again.`;
}

function unmountedSentence({ mountPoint, version, controllers }: Hierarchy): string {
  return `${hierarchyTitle(version, controllers)} is not mounted at ${mountPoint} any more: its groups cannot be changed, and some readings are missing. Mount it there again; cgdeck notices.`;
}

/** The hierarchy at the beginning of a sentence. */
export function hierarchyTitle(version: 1 | 2, controllers: readonly string[]): string {
  return version === 2 ? 'The unified hierarchy' : `The ${controllers.join(', ')} hierarchy`;
}

/** What a hierarchy calls a control file. */
export function fileOnDisk({ noPrefix }: Hierarchy, name: string): string {
  return noPrefix && !name.startsWith('cgroup.') ? name.slice(name.indexOf('.') + 1) : name;
}

/** Files of every v1 hierarchy that have no controller in their names. */
const PLAIN = new Set(['tasks', 'notify_on_release', 'release_agent']);

/** The control file's name, from a hierarchy's own. */
export function fileFromDisk({ noPrefix, controllers }: Hierarchy, name: string): string {
  return noPrefix && !name.includes('.') && !PLAIN.has(name) ? `${controllers[0]}.${name}` : name;
}

function mayHave(unified: Hierarchy, { controller, inCore }: ControlFile): boolean {
  return controller === 'cgroup' || controller === 'psi' || inCore === true || unified.controllers.includes(controller);
}
