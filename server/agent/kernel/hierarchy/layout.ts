// Where each group and each of its files lies: the only module that spells a path below the cgroup mounts.

import { statfsSync, statSync } from 'node:fs';
import { type ControlFile, findControlFiles } from '../../../contract/control-files.ts';
import { sampledFiles } from '../../../contract/readings.ts';
import { unspelled } from './disk-path.ts';
import { type Hierarchy, type Mode, modeOf, unifiedControllers } from './mounts.ts';

/** v1 files that every hierarchy has are looked for in this order. */
const CORE_ORDER = ['memory', 'pids', 'cpu', 'freezer', 'cpuacct', 'cpuset', 'blkio', 'devices'];

/** linux/magic.h */
const CGROUP_MAGICS = new Set([0x27e0eb, 0x63677270]);

export class Layout {
  /** Ordered so that the memory hierarchy, where there is one, comes first. */
  readonly hierarchies: readonly Hierarchy[];
  readonly mode: Mode;
  /** What was mounted when it was first looked at. */
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

  /** Whether it still is where it was, or is there anew: somebody may have unmounted it from under us. */
  isMounted(hierarchy: Hierarchy): boolean {
    const device = deviceOf(hierarchy.mountPoint);
    if (device === undefined) return false;
    const first = this.#devices.get(hierarchy) ?? device;
    this.#devices.set(hierarchy, first);
    return device === first || CGROUP_MAGICS.has(statfsSync(hierarchy.mountPoint).type);
  }

  /** A sentence for each hierarchy that is gone from its place. */
  unmounted(): string[] {
    return this.hierarchies.flatMap((hierarchy) => (this.isMounted(hierarchy) ? [] : [unmountedSentence(hierarchy)]));
  }

  /** The directory of a group in one hierarchy; `onDisk` makes of it what a system call takes. */
  dir(hierarchy: Hierarchy, group: string): string {
    return group === '/' ? hierarchy.mountPoint : hierarchy.mountPoint + unspelled(group);
  }

  /** The hierarchy that holds a controller of v1, if it is mounted. */
  ofController(name: string): Hierarchy | undefined {
    return this.hierarchies.find((hierarchy) => hierarchy.version === 1 && hierarchy.controllers.includes(name));
  }

  get unified(): Hierarchy | undefined {
    return this.hierarchies.find((hierarchy) => hierarchy.version === 2);
  }

  /** The controllers that a group of the unified tree has, which is what the groups above it hand down. */
  enabledIn(unified: Hierarchy, group: string): readonly string[] {
    return unified.controllers.length === 0 ? [] : unifiedControllers(this.dir(unified, group));
  }

  /** The hierarchies that may hold a control file of its entry's version, the one to use first. */
  hierarchiesOf(file: ControlFile): readonly Hierarchy[] {
    if (file.version === 2) return this.unified && holds(this.unified, file) ? [this.unified] : [];
    // Core files (cgroup.procs, tasks) are in every hierarchy of v1. Where memory is, they list who may be killed for it.
    if (file.controller === 'cgroup') {
      const memory = this.ofController('memory');
      const others = this.hierarchies.filter((hierarchy) => hierarchy.version === 1 && hierarchy !== memory);
      return memory ? [memory, ...others] : others;
    }
    const own = this.ofController(file.controller);
    return own ? [own] : [];
  }

  /**
   * The entry and path of a control file of a group, in the version that has its controller on this machine: where v1 has it, v2 has not.
   * @param exists tells whether the group has a directory in a hierarchy
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

  /** What the tick reads of a group, with its path. */
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
  const what = version === 2 ? 'The unified tree' : `The hierarchy of ${controllers.join(', ')}`;
  return `${what} is not mounted at ${mountPoint} any more: its groups cannot be changed, and what has to be looked up by its path is not shown. Mount it there again; cgdeck finds it by itself.`;
}

function holds(unified: Hierarchy, { controller, inCore }: ControlFile): boolean {
  return controller === 'cgroup' || controller === 'psi' || inCore === true || unified.controllers.includes(controller);
}
