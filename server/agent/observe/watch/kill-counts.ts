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
  victims: { readonly kill: OomKill; readonly sinceMs: number; ticks: number }[];
  /** Since when the counter has had kills that are not reported. */
  owedMs?: number | undefined;
}

/** If the counter has not grown by then, the victim was in another group. */
const WAIT_TICKS = 3;
const WAIT_MS = 2000;
/** The kernel counts a kill before it prints it; on a busy machine much may run between. */
const PRINTED_MS = 500;

export class KillCounts {
  readonly #groups = new Map<string, GroupKills>();
  readonly #nowMs: () => number;

  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** A new group. @param before kills that are not to be reported */
  open(group: string, before: number): void {
    if (!this.#groups.has(group)) this.#groups.set(group, { reported: before, counted: undefined, victims: [] });
  }

  /** The group was removed. @returns the victims that waited for its counter, and the kills that waited for the log */
  close(group: string): CountedKill[] {
    const { victims = [], counted = 0, reported = 0 } = this.#groups.get(group) ?? {};
    this.#groups.delete(group);
    const named = victims.flatMap(({ kill }) => (kill.again ? [] : [{ group, count: 1, victim: kill }]));
    const nameless = counted - reported - victims.length;
    return nameless > 0 ? [...named, { group, count: nameless }] : named;
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
    kills.victims.push({ kill, sinceMs: this.#nowMs(), ticks: 0 });
    return true;
  }

  /** A tick read the counter. */
  counted(group: string, value: number): void {
    this.open(group, value);
    const kills = this.#groups.get(group);
    if (!kills) return;
    kills.counted = value;
    if (value > kills.reported) kills.owedMs ??= this.#nowMs();
  }

  /**
   * Kills that were counted and not reported; those without a name once the log has had the time to name them. Call it before a tick's
   * counters are added.
   */
  overdue(): CountedKill[] {
    const overdue: CountedKill[] = [];
    const nowMs = this.#nowMs();
    for (const [group, kills] of this.#groups) {
      const owed = Math.max((kills.counted ?? 0) - kills.reported, 0);
      const named = kills.victims.splice(0, owed);
      for (const { kill } of named) if (!kill.again) overdue.push({ group, count: 1, victim: kill });
      const isPrinted = owed === 0 || nowMs - (kills.owedMs ?? nowMs) >= PRINTED_MS;
      if (isPrinted && owed > named.length) overdue.push({ group, count: owed - named.length });
      kills.reported += isPrinted ? owed : named.length;
      if (isPrinted) kills.owedMs = undefined;
      kills.victims = kills.victims.filter((victim) => ++victim.ticks < WAIT_TICKS || nowMs - victim.sinceMs < WAIT_MS);
    }
    return overdue;
  }
}
