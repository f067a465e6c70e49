// Creates and removes groups: checked, journaled, made with their limits and device rules or not at all, and reported.
import type { CallAnswer } from '../../contract/calls.ts';
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
import { type Enabled, handDown } from './subtree.ts';
import { translateLimits } from './translate-limits.ts';

/** A process that forks faster than it is moved stays, and the group stays without controllers for groups below it. */
const MOVE_ROUNDS = 20;

export interface AskedGroup {
  readonly limits?: Limits | undefined;
  /** The group, to be made beside it, that takes the parent's own processes first (v2). */
  readonly leaf?: string | undefined;
  /** What it may do with which devices; left out, as the groups above it. */
  readonly devices?: readonly DeviceRule[] | undefined;
}

export interface CreatedGroup {
  /** What the kernel made of each limit. */
  readonly limits: Record<string, string>;
  /** Limits that were asked for in the other version's names: asked -> written. */
  readonly translated: Record<string, string>;
  /** What was handed down to it by the groups above. */
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

  /** @throws ProblemError conflict if it exists, or for what of it the kernel refuses: there is no group then */
  create(path: string, { limits, leaf, devices }: AskedGroup, by: string): Promise<CreatedGroup> {
    const { limits: here, translated } = translateLimits(limits ?? {}, this.#parts.layout);
    const ordered = orderLimits(here);
    const facts = { limits, ...(leaf === undefined ? {} : { leaf }), ...(devices === undefined ? {} : { devices }) };
    return this.#parts.journal.record({ by, action: 'create', group: path, facts }, async () => {
      const enabled = this.make(path, by, leaf);
      const answers: Record<string, string> = {};
      try {
        for (const [file, value] of ordered) answers[file] = (await this.#parts.limits.write({ path, file, value }, by)).new;
        if (devices) await this.#parts.devices.set(path, devices, by);
      } catch (error) {
        // A group that lacks one of its limits or rules would be let loose: there is none instead.
        // If that fails too, somebody else has removed it, or is inside: the limit that was refused is what there is to say.
        await this.#dirs.remove(path, by).catch(() => {});
        throw error;
      }
      return { limits: answers, translated, enabled };
    });
  }

  /**
   * Makes a group without limits, and the managed root above it if that is missing. On v2 the groups above hand their controllers down to it.
   * @throws ProblemError conflict if it exists, busy where v2 wants a leaf
   */
  make(path: string, by: string | undefined, leaf?: string): Enabled[] {
    const { layout, observer, reach } = this.#parts;
    reach.mayWrite(path);
    this.#dirs.mustBeMounted();
    if (observer.tree.refresh(path)) throw new ProblemError('conflict', `There is a group ${path} already.`, { file: path });
    const parent = parentPath(path);
    const above: Enabled[] = [];
    // One that is known is not looked through: there may be thousands of groups below it.
    if (path !== reach.managedRoot && !observer.tree.get(parent) && !observer.tree.refresh(parent)) {
      if (parent !== reach.managedRoot)
        throw new ProblemError('not_found', `There is no group ${parent} to make ${path} in.`, { file: parent });
      above.push(...this.make(parent, by));
    }
    if (leaf !== undefined) this.#emptyInto(parent, joinPath(parent, leaf), by);
    const enabled = handDown(layout, parent, (group) => reach.isManaged(group));
    for (const { group, ...written } of enabled) observer.wrote(group, written, by);
    this.#dirs.make(path, by);
    return [...above, ...enabled];
  }

  /** Removes a group and, with kill, its processes and everything below. @returns the processes that were ended */
  remove(path: string, kill: boolean, by: string): Promise<CallAnswer<'removeGroup'>> {
    const { observer, reach, processes, journal } = this.#parts;
    if (!observer.tree.refresh(path)) throw new ProblemError('not_found', `There is no group ${path} (any more).`, { file: path });
    reach.mayWrite(path);
    this.#dirs.mustBeMounted();
    const below = [...observer.tree.within(path)].filter((group) => group.path !== path).map((group) => group.path);
    if (!kill) {
      const inside = processes.membersWithin(path).length;
      if (inside > 0) throw stillHolds(path, `${inside} process${inside === 1 ? '' : 'es'}: end or move them first`);
      if (below.length > 0)
        throw stillHolds(path, `${below.length} group${below.length === 1 ? '' : 's'} (${below[0]}, …): remove those first`);
    }
    return journal.record(
      { by, action: 'remove', group: path, facts: { kill }, safer: true },
      async () => {
        const named: Named = [];
        const killed = kill && processes.membersWithin(path).length > 0 ? await processes.killGroup(path, named) : [];
        if (killed.length > 0)
          this.#parts.reporter.report({ kind: 'kill', group: path, pids: killed, named, signal: 'SIGKILL', by, time: Date.now() });
        for (const group of [...below.reverse(), path]) await this.#dirs.remove(group, by);
        return { group: path, killed };
      },
      ({ killed }) => killed,
    );
  }

  /** Removes every empty group below the managed root, and it, as when the product stops. @param needed by the next agent: these stay */
  removeEmpty(needed: (group: string) => boolean): void {
    const { observer, processes, reach } = this.#parts;
    for (const { path } of [...observer.tree.within(reach.managedRoot)].reverse())
      if (!needed(path) && processes.membersWithin(path).length === 0) this.#dirs.tryRemove(path);
  }

  /** Moves a group's own processes into a leaf below it, those that fork meanwhile too. */
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

function stillHolds(path: string, whatAndRemedy: string): ProblemError {
  return new ProblemError('busy', `${path} holds ${whatAndRemedy}, or remove it with kill=true.`, { errno: 'EBUSY', file: path });
}
