// Matches OOM kills in the kernel log with the groups' oom_kill counters: the log can leave out a group or a kill, the counters never do.
import type { OomKill } from './oom-lines.ts';

export interface CountedKill {
  readonly group: string;
  readonly count: number;
  readonly victim?: OomKill;
}

interface GroupKills {
  /** How many of the counter's kills have been reported. */
  reported: number;
  /** The counter at the last tick; undefined before the first, and without such a counter (v2 before Linux 5.2). */
  counted: number | undefined;
  /** Victims that were last seen in the group, in the log's order: each is reported once the counter has grown. */
  victims: { readonly kill: OomKill; ticks: number }[];
}

/** If the counter has not grown by then, the victim was in another group. */
const WAIT_TICKS = 3;

export class KillCounts {
  readonly #groups = new Map<string, GroupKills>();

  /** A new group. @param before kills that are not to be reported */
  open(group: string, before: number): void {
    if (!this.#groups.has(group)) this.#groups.set(group, { reported: before, counted: undefined, victims: [] });
  }

  /** The group was removed. @returns the victims that waited for its counter */
  close(group: string): CountedKill[] {
    const victims = this.#groups.get(group)?.victims ?? [];
    this.#groups.delete(group);
    return victims.flatMap(({ kill }) => (kill.again ? [] : [{ group, count: 1, victim: kill }]));
  }

  /** A kill of the log was reported with its group. */
  reported(group: string): void {
    const kills = this.#groups.get(group);
    if (kills) kills.reported++;
  }

  /**
   * The log named a victim without its group; the group is the one it was last seen in.
   * @returns whether it waits for the group's counter; false if there is no counter
   */
  expect(group: string, kill: OomKill): boolean {
    const kills = this.#groups.get(group);
    if (kills?.counted === undefined) return false;
    kills.victims.push({ kill, ticks: 0 });
    return true;
  }

  /** A tick read the counter. */
  counted(group: string, value: number): void {
    this.open(group, value);
    const kills = this.#groups.get(group);
    if (kills) kills.counted = value;
  }

  /**
   * Kills that were counted and not reported. Call it before a tick's counters are added, so that the log has had
   * one interval to name them.
   */
  overdue(): CountedKill[] {
    const overdue: CountedKill[] = [];
    for (const [group, kills] of this.#groups) {
      const count = Math.max((kills.counted ?? 0) - kills.reported, 0);
      kills.reported += count;
      const named = kills.victims.splice(0, count);
      for (const { kill } of named) if (!kill.again) overdue.push({ group, count: 1, victim: kill });
      if (count > named.length) overdue.push({ group, count: count - named.length });
      if (kills.victims.length > 0) kills.victims = kills.victims.filter((victim) => ++victim.ticks < WAIT_TICKS);
    }
    return overdue;
  }
}
