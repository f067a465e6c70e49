// Freezes and thaws groups by v1's freezer or v2's cgroup.freeze, and answers with the state that the kernel reports after a bounded wait.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FreezeAnswer } from '../../contract/answers.ts';
import type { CallParams } from '../../contract/calls.ts';
import { type GroupState, groupState } from '../../contract/derive.ts';
import { lineage } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import { onDisk } from '../kernel/hierarchy/disk-path.ts';
import type { Group, GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { ActParts } from './act-parts.ts';
import { unstoppedOf } from './unstopped.ts';

/** Bounded, because a task in uninterruptible sleep, or one that waits for memory at its limit, may stay FREEZING for ever. */
const WAIT_MS = 2000;
const LOOK_MS = 5;

const V1 = { version: 1, file: 'freezer.state', frozen: 'FROZEN', thawed: 'THAWED', self: 'freezer.self_freezing' } as const;
const V2 = { version: 2, file: 'cgroup.freeze', frozen: '1', thawed: '0', self: 'cgroup.freeze' } as const;
const EVENTS = 'cgroup.events';

export interface FreezerFiles {
  readonly version: 1 | 2;
  /** Where `frozen` or `thawed` is written. */
  readonly path: string;
  readonly frozen: string;
  readonly thawed: string;
  /** Reads 1 where the group itself was frozen, whatever the groups above it are. */
  readonly self: string;
}

/** The files to freeze a group with: v1's freezer where the group is in its hierarchy, else v2's. */
export function freezerOf(layout: Layout, group: Group): FreezerFiles | undefined {
  for (const { version, file, frozen, thawed, self } of [V1, V2]) {
    const path = layout.filePath(group.path, file, (hierarchy) => group.in.has(hierarchy));
    if (path !== undefined) return { version, path, frozen, thawed, self: path.slice(0, -file.length) + self };
  }
  return undefined;
}

/** Whether the group itself was frozen, and not only one above it. */
export function isFrozenItself(layout: Layout, tree: Pick<GroupTree, 'get'>, path: string): boolean {
  const group = tree.get(path);
  const at = group && freezerOf(layout, group);
  try {
    return at !== undefined && readFileSync(onDisk(at.self), 'utf8').trim() === '1';
  } catch {
    // The root has no such file, and a removed group is not frozen.
    return false;
  }
}

/**
 * A thaw does nothing below a frozen group (freezer-subsystem.rst, "parent_freezing"; cgroup-v2.rst, "cgroup.freeze").
 * @throws ProblemError conflict that names the frozen ancestors
 */
export function refuseBelowFrozen(layout: Layout, tree: Pick<GroupTree, 'get'>, path: string): void {
  const frozen = lineage(path)
    .slice(1)
    .filter((above) => isFrozenItself(layout, tree, above));
  if (frozen.length === 0) return;
  const which =
    frozen.length === 1
      ? `${path} is frozen by its ancestor ${frozen[0]}: thaw that`
      : `${path} is frozen by its ancestors ${frozen.join(' and ')}: thaw those`;
  throw new ProblemError('conflict', `${which} first.`, { file: frozen[0] });
}

/** @throws ProblemError conflict if the group or one above it is frozen: what is started there waits before it runs */
export function refuseFrozen(layout: Layout, tree: Pick<GroupTree, 'get'>, path: string): void {
  const frozen = lineage(path).filter((group) => isFrozenItself(layout, tree, group));
  if (frozen.length === 0) return;
  const which =
    frozen.length > 1
      ? `${frozen.join(' and ')} are frozen`
      : frozen[0] === path
        ? `${path} is frozen`
        : `${path} is frozen by ${frozen[0]}`;
  throw new ProblemError(
    'conflict',
    `${which}, so nothing can be started there: thaw ${frozen.length > 1 ? 'those' : (frozen[0] ?? path)} first.`,
    {
      file: frozen[0],
    },
  );
}

export class Freezer {
  readonly #parts: ActParts;
  readonly #members: (group: string) => readonly number[];

  /** @param members the processes of a group and of those below */
  constructor(parts: ActParts, members: (group: string) => readonly number[]) {
    this.#parts = parts;
    this.#members = members;
  }

  /** Freezes or thaws, and waits up to WAIT_MS for the result. The event is reported by whichever part sees the change first. */
  set({ group, inode }: CallParams<'freeze'>, wanted: 'frozen' | 'thawed', by: string): Promise<FreezeAnswer> {
    const { io, reach, journal, layout, observer } = this.#parts;
    io.group(group, inode);
    reach.mayWrite(group);
    if (group === '/') throw new ProblemError('unsupported', 'The root group cannot be frozen.');
    if (wanted === 'thawed') refuseBelowFrozen(layout, observer.tree, group);
    return journal.record(
      { by, action: wanted === 'frozen' ? 'freeze' : 'thaw', group, safer: true },
      () => this.#set({ group, inode }, wanted, by),
      ({ state }) => state,
    );
  }

  async #set({ group, inode }: CallParams<'freeze'>, wanted: 'frozen' | 'thawed', by: string): Promise<FreezeAnswer> {
    const { io, reporter } = this.#parts;
    const started = performance.now();
    const freezer = io.mayHave(group, V1.file) ? V1 : V2;
    reporter.states.asked(group, wanted, by);
    try {
      await io.write(group, freezer.file, freezer[wanted], inode);
    } catch (error) {
      reporter.states.refused(group);
      throw error;
    }
    let state = await this.#state(group);
    while (state !== wanted && performance.now() - started < WAIT_MS) {
      await sleep(LOOK_MS);
      state = await this.#state(group);
    }
    reporter.states.seen(group, state);
    const answer = { group, state, tookMs: performance.now() - started };
    return state === 'freezing' ? { ...answer, unstopped: unstoppedOf(this.#members(group), freezer.version) } : answer;
  }

  async #state(group: string): Promise<GroupState> {
    const { io } = this.#parts;
    // v1's kernel checks whether all tasks have stopped only when freezer.state is read.
    if (io.mayHave(group, V1.file)) return groupState({ [V1.file]: (await io.read(group, V1.file)).trim() });
    const events = await io.read(group, EVENTS);
    const asked = await io.read(group, V2.file);
    return groupState({ [V2.file]: Number(asked), [`${EVENTS}:frozen`]: /^frozen 1$/m.test(events) ? 1 : 0 });
  }
}
