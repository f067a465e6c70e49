// Watches the kernel's signals of each group, on v1 and v2: out of memory, pressure, freezing, the end of the last process.
import type { Change } from '../../contract/frame.ts';
import type { PressureSettings } from '../../contract/pressure.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { Reach } from '../kernel/reach.ts';
import type { Sources } from '../kernel/sources.ts';
import type { Reporter } from './reporter.ts';
import { MemoryWatch } from './watch/memory-watch.ts';
import { PressureTriggers } from './watch/pressure-triggers.ts';
import { type UnifiedNotices, UnifiedWatch } from './watch/unified-watch.ts';

export interface GroupWatchesOptions {
  readonly layout: Layout;
  readonly reach: Reach;
  readonly pressure: PressureSettings;
  readonly reporter: Reporter;
  readonly sources: Sources;
}

export class GroupWatches {
  readonly #options: GroupWatchesOptions;
  readonly #memory: MemoryWatch;
  readonly #unified: UnifiedWatch;
  readonly #triggers: PressureTriggers;

  constructor(options: GroupWatchesOptions) {
    this.#options = options;
    const { layout, sources, reporter } = options;
    this.#memory = new MemoryWatch(sources, {
      oom: (group, count, underOom, wokeMs) => reporter.oom(group, count, underOom, wokeMs),
      pressure: (group, level, count, wokeMs) => reporter.pressure(group, 'memory', level, count, wokeMs),
    });
    const notices: UnifiedNotices = {
      oom: (group, count, wokeMs) => reporter.oom(group, count, false, wokeMs),
      threshold: (group, reached, count, wokeMs) => reporter.thresholdMet(group, reached, count, wokeMs),
      state: (group, frozen, wokeMs) => reporter.states.seen(group, frozen ? 'frozen' : 'thawed', wokeMs),
      emptied: (group, wokeMs) => reporter.emptied(group, wokeMs),
    };
    this.#unified = new UnifiedWatch(sources, notices, () => layout.hasOption('pids_localevents'));
    this.#triggers = new PressureTriggers(sources, pressureWanted(options), (group, resource, level, wokeMs) =>
      reporter.pressure(group, resource, level, 1, wokeMs),
    );
  }

  /** The group is new, or its directory in a hierarchy was made or removed. */
  update(group: Group): void {
    const { layout, reach } = this.#options;
    const { path } = group;
    const memory = layout.ofController('memory');
    if (memory && group.in.has(memory)) this.#memory.add(path, layout.dir(memory, path));
    else this.#memory.remove(path);
    // Levels of a managed group are watched before it has tasks. Of others too where tasks of groups below are not counted.
    if (reach.isManaged(path) || !layout.ofController('pids')) this.inhabited(path);
    const { unified } = layout;
    // The root group has none of these files.
    if (!unified || !group.in.has(unified) || path === '/') {
      this.#unified.remove(path);
      this.#triggers.remove(path);
      return;
    }
    const dir = layout.dir(unified, path);
    if (unified.controllers.includes('memory')) this.#unified.add(path, dir);
    // Triggers cost descriptors and a kernel thread for each group: only managed groups get them.
    if (reach.isManaged(path)) this.#triggers.add(path, dir);
  }

  /** A task was moved to the group, or its readings count some. */
  inhabited(path: string): void {
    this.#memory.inhabited(path);
  }

  /** Whether the kernel signals that the group freezes and thaws. */
  signalsState(path: string): boolean {
    return this.#unified.signalsState(path);
  }

  /** @param startedMs when the tick began to read (monotonicMs()) */
  ticked(changes: readonly Change[], startedMs: number, pathOf: (gid: number) => string | undefined): void {
    for (const [gid, key, value] of changes) {
      const path = key === 'cgroup.events:populated' && value === 1 ? pathOf(gid) : undefined;
      if (path !== undefined) this.#unified.seenPopulated(path, startedMs);
    }
  }

  remove(path: string): void {
    this.#memory.remove(path);
    this.#unified.remove(path);
    this.#triggers.remove(path);
  }
}

/** Where v1 has the memory controller, its pressure levels report memory. */
function pressureWanted({ layout, pressure }: GroupWatchesOptions): PressureSettings {
  if (!layout.ofController('memory')) return pressure;
  const { memory: _, ...others } = pressure;
  return others;
}
