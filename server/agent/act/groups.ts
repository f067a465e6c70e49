// Creates groups, with their limits and device rules or not at all, and removes them: checked, journaled and reported.
import type { CallAnswer, CallParams } from '../../contract/calls.ts';
import type { DeviceRule } from '../../contract/devices.ts';
import type { Named } from '../../contract/events.ts';
import type { Limits } from '../../contract/launch.ts';
import { joinPath, parentPath } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { ActParts } from './act-parts.ts';
import type { DeviceControl } from './devices/device-control.ts';
import { GroupDirs } from './group-dirs.ts';
import { type LimitWriter, orderLimits } from './limits.ts';
import type { GroupProcesses } from './processes.ts';
import { type Enabled, enableControllers } from './subtree.ts';
import { translateLimits } from './translate-limits.ts';

/** After these rounds, processes that fork faster than they are moved stay, and no controllers are enabled for groups below. */
const MOVE_ROUNDS = 20;

export interface AskedGroup {
  readonly limits?: Limits | undefined;
  /** The name of a sibling to make first, into which the parent's own processes are moved (v2). */
  readonly leaf?: string | undefined;
  /** Which devices it may use; left out, the same as its ancestors. */
  readonly devices?: readonly DeviceRule[] | undefined;
}

export interface CreatedGroup {
  /** Each limit as read back. */
  readonly limits: Record<string, string>;
  /** Limits that were asked for in the other version's names: asked -> written. */
  readonly translated: Record<string, string>;
  /** Controllers that were enabled in its ancestors for it. */
  readonly enabled: readonly Enabled[];
}

export interface GroupsParts extends ActParts {
  readonly processes: GroupProcesses;
  readonly limits: LimitWriter;
  readonly devices: DeviceControl;
}

export class Groups {
  readonly #parts: GroupsParts;
  readonly #dirs: GroupDirs;

  constructor(parts: GroupsParts) {
    this.#parts = parts;
    this.#dirs = new GroupDirs(parts.layout, parts.observer.tree);
  }

  /** @throws ProblemError conflict if it exists, or for a limit or rule that the kernel refuses: the group is then removed */
  create(path: string, { limits, leaf, devices }: AskedGroup, by: string): Promise<CreatedGroup> {
    const { limits: here, translated } = translateLimits(limits ?? {}, this.#parts.layout);
    const ordered = orderLimits(here);
    const facts = { limits, ...(leaf === undefined ? {} : { leaf }), ...(devices === undefined ? {} : { devices }) };
    return this.#parts.journal.record({ by, action: 'create', group: path, facts }, async () => {
      const enabled = this.make(path, by, leaf);
      const answers: Record<string, string> = {};
      try {
        for (const [file, value] of ordered) answers[file] = (await this.#parts.limits.write({ path, file, value }, by)).new;
        if (devices) await this.#parts.devices.set({ group: path, rules: [...devices] }, by);
      } catch (error) {
        // A group without one of its limits or rules could use too much, so it is removed.
        // If removing fails too, another program has removed it or is inside; the refused limit is the one to report.
        await this.#dirs.remove(path, by).catch(() => {});
        throw error;
      }
      return { limits: answers, translated, enabled };
    });
  }

  /**
   * Makes a group without limits, and the managed root above it where that is missing. On v2 its ancestors' controllers are enabled for it.
   * @throws ProblemError conflict if it exists, busy where v2 wants a leaf
   */
  make(path: string, by: string | undefined, leaf?: string): Enabled[] {
    const { observer, reach } = this.#parts;
    reach.mayWrite(path);
    this.#dirs.mustBeMounted(path);
    if (observer.tree.refresh(path)) throw new ProblemError('conflict', `The group ${path} exists already.`, { file: path });
    const parent = parentPath(path);
    const above = parent === reach.managedRoot ? this.completeRoot(by) : [];
    // A known parent is not scanned again: there may be thousands of groups below it.
    if (path !== reach.managedRoot && !observer.tree.get(parent) && !observer.tree.refresh(parent))
      throw new ProblemError('not_found', `${path} cannot be made: its parent ${parent} does not exist.`, { file: parent });
    if (leaf !== undefined) this.#emptyInto(parent, joinPath(parent, leaf), by);
    return [...above, ...this.#makeBelow(parent, path, by)];
  }

  /** Makes the managed root in the hierarchies that lack it. @throws ProblemError with what the kernel refused; nothing that it made is left then */
  completeRoot(by?: string): Enabled[] {
    const { managedRoot } = this.#parts.reach;
    if (this.#dirs.isEverywhere(managedRoot)) return [];
    this.#parts.reach.mayWrite(managedRoot);
    this.#dirs.mustBeMounted(managedRoot);
    return this.#makeBelow(parentPath(managedRoot), managedRoot, by);
  }

  /** Removes a group and, with kill, its processes and everything below. @returns the processes that were ended */
  remove({ path, inode, kill }: CallParams<'removeGroup'>, by: string): Promise<CallAnswer<'removeGroup'>> {
    const { io, observer, reach, processes, journal } = this.#parts;
    if (!observer.tree.refresh(path))
      throw new ProblemError('not_found', `The group ${path} does not exist, or was removed.`, { file: path });
    io.group(path, inode);
    reach.mayWrite(path);
    this.#dirs.mustBeMounted(path);
    const below = [...observer.tree.within(path)].filter((group) => group.path !== path).map((group) => group.path);
    if (!kill) {
      const inside = processes.membersWithin(path).length;
      if (inside > 0) throw notEmpty(path, `${inside} process${inside === 1 ? '' : 'es'}: end or move them first`);
      if (below.length > 0)
        throw notEmpty(path, `${below.length} group${below.length === 1 ? '' : 's'} (${below[0]}, …): remove those first`);
    }
    return journal.record(
      { by, action: 'remove', group: path, facts: { kill }, safer: true },
      async () => {
        const named: Named = [];
        const killed = kill ? await processes.killGroup(path, named, inode) : [];
        if (killed.length > 0)
          this.#parts.reporter.report({ kind: 'kill', group: path, pids: killed, named, signal: 'SIGKILL', by, time: Date.now() });
        // Between the end of its processes and now, others may have removed it and made it again.
        for (const group of [...below.reverse(), path]) if (io.isStill(path, inode)) await this.#dirs.remove(group, by);
        return { group: path, killed };
      },
      ({ killed }) => killed,
    );
  }

  /** Removes every empty group from the managed root down, when cgdeck stops. @param needed groups that must stay for the next start */
  removeEmpty(needed: ReadonlySet<string>): void {
    const { observer, processes, reach } = this.#parts;
    for (const { path } of [...observer.tree.within(reach.managedRoot)].reverse())
      if (!needed.has(path) && processes.membersWithin(path).length === 0) this.#dirs.tryRemove(path);
  }

  #makeBelow(parent: string, path: string, by: string | undefined): Enabled[] {
    const { layout, observer, reach } = this.#parts;
    const enabled = enableControllers(layout, parent, (group) => reach.isManaged(group));
    for (const { group, ...written } of enabled) observer.wrote(group, written, by);
    this.#dirs.make(path, by);
    return enabled;
  }

  /** Moves a group's own processes into a leaf below it, and those that they fork meanwhile. */
  #emptyInto(parent: string, leaf: string, by: string | undefined): void {
    const { layout, observer, processes, reach } = this.#parts;
    reach.mayWrite(parent);
    const { unified } = layout;
    const group = observer.tree.refresh(parent);
    if (unified === undefined || !group?.in.has(unified) || processes.members(parent).length === 0) return;
    if (!observer.tree.refresh(leaf)) this.#dirs.make(leaf, by);
    for (let round = 0; round < MOVE_ROUNDS; round++) {
      const inside = processes.members(parent);
      if (inside.length === 0) return;
      for (const pid of inside) processes.move(pid, leaf);
    }
  }
}

function notEmpty(path: string, whatAndRemedy: string): ProblemError {
  return new ProblemError('busy', `${path} contains ${whatAndRemedy}, or remove it with kill=true.`, { errno: 'EBUSY', file: path });
}
