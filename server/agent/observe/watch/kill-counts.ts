// Matches OOM kills in the kernel log with the groups' oom_kill counters: the log can leave out a group or a kill, the counters never do.
import type { OomKill } from './oom-lines.ts';

export interface CountedKill {
  readonly group: string;
  readonly count: number;
  readonly victim?: OomKill;
}

interface Waiting {
  readonly kill: OomKill;
  readonly sinceMs: number;
}

interface GroupKills {
  /** How many of the counter's kills have been reported. */
  reported: number;
  /** The counter at the last tick; undefined before the first, and without such a counter (v1 before Linux 4.13). */
  counted: number | undefined;
  /** Victims that were last seen in the group, in the log's order: each is reported once the counter has grown. */
  victims: (Waiting & { ticks: number })[];
  /** Since when the counter has had kills that are not reported. */
  owedMs?: number | undefined;
}

/** If the counter has not grown by then, the victim was in another group. */
const WAIT_TICKS = 3;
const WAIT_MS = 2000;
/** The kernel counts a kill before it prints it; on a busy machine much may run between. */
const PRINTED_MS = 2000;

export class KillCounts {
  readonly #groups = new Map<string, GroupKills>();
  /** Victims of which nothing is known but that the log names them, in its order: in a storm it leaves out groups, and processes live too shortly to be seen. */
  #strays: Waiting[] = [];
  /** When the tick before this one ended: what the log had by then is in the counters of this one. */
  #tickedMs = Number.NEGATIVE_INFINITY;
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
    // One of them may have been killed in this group after its counter was last read.
    this.#strays = [];
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

  /** The log named a victim without its group, and it was seen in none. */
  stray(kill: OomKill): void {
    this.#strays.push({ kill, sinceMs: this.#nowMs() });
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
      const nameless = isPrinted ? Math.max(owed - named.length - this.#strays.length, 0) : 0;
      if (nameless > 0) overdue.push({ group, count: nameless });
      kills.reported += named.length + nameless;
      if (owed === named.length + nameless) kills.owedMs = undefined;
      kills.victims = kills.victims.filter((victim) => ++victim.ticks < WAIT_TICKS || nowMs - victim.sinceMs < WAIT_MS);
    }
    return overdue;
  }

  /**
   * Victims that can only be of one group, since no other group's counter has kills that the log did not name: a victim is counted before the
   * log has it. Call it once a tick's counters are added; what stays open then is reported without a name.
   */
  placed(): CountedKill[] {
    const known = this.#strays.filter(({ sinceMs }) => sinceMs < this.#tickedMs);
    this.#strays = this.#strays.slice(known.length);
    this.#tickedMs = this.#nowMs();
    if (known.length === 0) return [];
    const owing = [...this.#groups].filter(([, { counted = 0, reported, victims }]) => counted > reported + victims.length);
    const [[group, kills] = []] = owing;
    if (group === undefined || !kills || owing.length > 1) return [];
    if (known.length > (kills.counted ?? 0) - kills.reported - kills.victims.length) return [];
    kills.reported += known.length;
    return known.flatMap(({ kill }) => (kill.again ? [] : [{ group, count: 1, victim: kill }]));
  }
}
