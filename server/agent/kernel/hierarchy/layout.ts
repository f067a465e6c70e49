// The directory of each group and the path of each control file: the only module that composes paths below the cgroup mounts.

import { statfsSync, statSync } from 'node:fs';
import { type ControlFile, findControlFiles } from '../../../contract/control-files.ts';
import { sampledFiles } from '../../../contract/readings.ts';
import { unspelled } from './disk-path.ts';
import { type Hierarchy, type Mode, modeOf, unifiedControllers } from './mounts.ts';

/** Files that every v1 hierarchy has are taken from the first of these. */
const CORE_ORDER = ['memory', 'pids', 'cpu', 'freezer', 'cpuacct', 'cpuset', 'blkio', 'devices'];

/** linux/magic.h */
const CGROUP_MAGICS = new Set([0x27e0eb, 0x63677270]);

export class Layout {
  /** Ordered so that the memory hierarchy, where there is one, comes first. */
  readonly hierarchies: readonly Hierarchy[];
  readonly mode: Mode;
  /** The device mounted when the hierarchy was first checked. */
  readonly #devices = new Map<Hierarchy, number>();

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
    const device = deviceOf(hierarchy.mountPoint);
    if (device === undefined) return false;
    const first = this.#devices.get(hierarchy) ?? device;
    this.#devices.set(hierarchy, first);
    return device === first || CGROUP_MAGICS.has(statfsSync(hierarchy.mountPoint).type);
  }

  /** A sentence for each hierarchy that is not mounted any more. */
  unmounted(): string[] {
    return this.hierarchies.flatMap((hierarchy) => (this.isMounted(hierarchy) ? [] : [unmountedSentence(hierarchy)]));
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
  place(group: string, name: string, exists: (hierarchy: Hierarchy) => boolean): { file: ControlFile; path: string } | undefined {
    for (const file of findControlFiles(name)) {
      const hierarchy = this.hierarchiesOf(file).find(exists);
      if (hierarchy) return { file, path: `${this.dir(hierarchy, group)}/${name}` };
    }
    return undefined;
  }

  filePath(group: string, name: string, exists: (hierarchy: Hierarchy) => boolean): string | undefined {
    return this.place(group, name, exists)?.path;
  }

  /** The control files that a tick reads of a group. */
  *sampled(group: string, exists: (hierarchy: Hierarchy) => boolean): Iterable<{ file: ControlFile; path: string }> {
    for (const file of sampledFiles) {
      if (group === '/' ? file.notInRoot : file.onlyInRoot) continue;
      if (file.unlessV1 !== undefined && this.ofController(file.unlessV1)) continue;
      const place = this.place(group, file.name, exists);
      if (place?.file === file) yield place;
    }
  }
}

function deviceOf(dir: string): number | undefined {
  return statSync(dir, { throwIfNoEntry: false })?.dev;
}

export function unmountedSentence({ mountPoint, version, controllers }: Hierarchy): string {
  return `${hierarchyTitle(version, controllers)} is not mounted at ${mountPoint} any more: its groups cannot be changed, and some readings are missing. Mount it there again; cgdeck notices.`;
}

/** The hierarchy at the beginning of a sentence. */
export function hierarchyTitle(version: 1 | 2, controllers: readonly string[]): string {
  return version === 2 ? 'The unified hierarchy' : `The ${controllers.join(', ')} hierarchy`;
}

function mayHave(unified: Hierarchy, { controller, inCore }: ControlFile): boolean {
  return controller === 'cgroup' || controller === 'psi' || inCore === true || unified.controllers.includes(controller);
}
