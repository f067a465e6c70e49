// Which files a tick reads.
//
// Most groups are idle most of the time, and reading is what costs: so a tick reads one file of each group that has tasks, its witness (the
// CPU time used, which grows whenever one of them runs), and all files only
//   - where the witness moves, in the groups above those, and a tick longer (`isActive`);
//   - where a file was written, by whomever (inotify), or one of ours acts (`touched`, `touchAll`); where somebody looks (`follow`);
//   - of each group in its turn, once in a minute, and every ten seconds what changes without its tasks and without a notice, such as memory that the
//     machine reclaims (`FileSet.outside`): where that has changed, all.
// A group without tasks has no witness to read: a task that comes is a write to a list of members (v1) or a notice of cgroup.events (v2).
import { totalmem } from 'node:os';
import { lineage } from '../../../contract/paths.ts';
import type { Readings } from '../../../contract/readings.ts';
import type { FileTable } from '../../kernel/files/file-table.ts';
import { EachInTurn } from './each-in-turn.ts';
import type { SampledGroup } from './sampled-group.ts';

/** No change is seen later, but for the time of a tick. */
export const TURN_MS = 10_000;
const LONG_TURN_MS = 60_000;
/** An open control file that was read holds a page of the kernel's memory, and its own structures. */
const KEPT_BYTES = 4608;
/** Of the machine's memory, for files of groups at rest. Busy groups' files are kept open beyond it. */
const KEPT_PART = 0.01;

interface WhatIsKnown {
  /** Of a group, after the last frame. */
  readonly known: (gid: number) => Readings;
  /** Whether the kernel notifies that a group of v2 gets its first task. */
  readonly noticesTasks: (path: string) => boolean;
}

export class FileChoice {
  readonly #table: FileTable<SampledGroup>;
  readonly #of: WhatIsKnown;
  readonly #turns = new EachInTurn(TURN_MS);
  readonly #longTurns = new EachInTurn(LONG_TURN_MS);
  readonly #keptAtRest = (totalmem() * KEPT_PART) / KEPT_BYTES;
  /** A process was moved: lists of members are read, since the group it left gets no notice. */
  membersMoved = false;
  /** No kill has happened since all counters of kills were read. */
  killsCounted = true;
  #tick = 0;

  constructor(table: FileTable<SampledGroup>, of: WhatIsKnown) {
    this.#table = table;
    this.#of = of;
  }

  /** What each group's state asks for. */
  atFirst(groups: Iterable<SampledGroup>, nowMs: number): number[] {
    const places: number[] = [];
    const isTurn = this.#turns.next(nowMs);
    const isLongTurn = this.#longTurns.next(nowMs);
    this.#tick++;
    for (const one of groups) {
      one.isNew = one.readMs === undefined;
      if (one.isChanged) one.consider(this.#of.known(one.gid), () => this.#of.noticesTasks(one.path));
      const hasTurn = isTurn(one.gid);
      const inTurn = isLongTurn(one.gid) || (hasTurn && !one.isQuiet);
      if (inTurn && one.isIdle(nowMs)) this.#closeIdle(one);
      if (inTurn || one.isDue(nowMs)) this.#all(one, nowMs, places, inTurn);
      else this.#little(one, places, hasTurn);
      one.isActive = false;
    }
    this.membersMoved = false;
    this.killsCounted = true;
    return places;
  }

  #all(one: SampledGroup, nowMs: number, places: number[], inTurn = false): void {
    const { set, first } = one;
    const keeps = one.isActive || (one.witness >= 0 && this.#table.open < this.#keptAtRest);
    for (let index = 0; index < set.written; index++) {
      if (keeps && index < set.changing) this.#table.keep(first + index);
      if (inTurn || one.due || !this.#table.isAbsent(first + index)) places.push(first + index);
    }
    one.due = false;
    one.isQuiet = true;
    one.readMs = nowMs;
    one.tick = this.#tick;
  }

  #closeIdle({ witness, set, first }: SampledGroup): void {
    if (witness < 0) this.#table.closeAll(first, set.changing, -1);
    else if (this.#table.open > this.#keptAtRest) this.#table.closeAll(first, set.changing, witness);
  }

  #little({ witness, set, first, hasMembers }: SampledGroup, places: number[], hasTurn: boolean): void {
    if (hasTurn) for (const index of set.outside) places.push(first + index);
    if (hasTurn && witness >= 0) for (const index of set.pressure) places.push(first + index);
    if (witness >= 0) {
      this.#table.keep(first + witness);
      places.push(first + witness);
    }
    if (this.membersMoved && hasMembers) for (let index = set.changing; index < set.written; index++) places.push(first + index);
    if (!this.killsCounted && set.oomKills >= 0) places.push(first + set.oomKills);
  }

  /** What was found changed, and the groups above: what they count includes it. */
  above(moved: Iterable<SampledGroup>, at: (path: string) => SampledGroup | undefined, nowMs: number): number[] {
    const places: number[] = [];
    for (const { path } of moved)
      for (const above of lineage(path)) {
        const one = at(above);
        if (one && one.tick !== this.#tick) this.#all(one, nowMs, places);
      }
    return places;
  }
}
