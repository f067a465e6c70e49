// Sets the kernel log's OOM kills against the groups' oom_kill counters: the log leaves out groups, and sometimes kills; the counters never lose one.
import type { OomKill } from './oom-lines.ts';

export interface CountedKill {
  readonly group: string;
  readonly count: number;
  readonly victim?: OomKill;
}

interface Account {
  /** The counter's value up to which every kill has been reported. */
  reported: number;
  /** The counter's value at the last tick; undefined before the first, and where the kernel has no such counter (v2 before 5.2). */
  counted: number | undefined;
  /** Victims that were known to be in the group, in the log's order: each is named once the group's counter says that there was a kill. */
  victims: { readonly kill: OomKill; ticks: number }[];
}

/** A counter that does not move by then says that the victim was of another group. */
const WAIT_TICKS = 3;

export class KillLedger {
  readonly #accounts = new Map<string, Account>();

  /** A group the agent meets: kills before that (`already`) are not its news. */
  open(group: string, already: number): void {
    if (!this.#accounts.has(group)) this.#accounts.set(group, { reported: already, counted: undefined, victims: [] });
  }

  /** @returns victims that waited for the counter, which nobody will read any more */
  close(group: string): CountedKill[] {
    const victims = this.#accounts.get(group)?.victims ?? [];
    this.#accounts.delete(group);
    return victims.flatMap(({ kill }) => (kill.again ? [] : [{ group, count: 1, victim: kill }]));
  }

  /** The log named a kill and its group, and it was reported, now or before. */
  reported(group: string): void {
    const account = this.#accounts.get(group);
    if (account) account.reported++;
  }

  /**
   * The log named a victim without its group, which is known from before.
   * @returns whether it waits for the group's counter to say so too; false where there is none
   */
  expect(group: string, kill: OomKill): boolean {
    const account = this.#accounts.get(group);
    if (account?.counted === undefined) return false;
    account.victims.push({ kill, ticks: 0 });
    return true;
  }

  /** The counter as the tick read it. */
  counted(group: string, value: number): void {
    this.open(group, value);
    const account = this.#accounts.get(group);
    if (account) account.counted = value;
  }

  /**
   * Kills that the counters know and nobody has reported; to be called before a tick's counters come in, so that
   * the log has had one interval's time to name them.
   */
  overdue(): CountedKill[] {
    const overdue: CountedKill[] = [];
    for (const [group, account] of this.#accounts) {
      const count = Math.max((account.counted ?? 0) - account.reported, 0);
      account.reported += count;
      const named = account.victims.splice(0, count);
      for (const { kill } of named) if (!kill.again) overdue.push({ group, count: 1, victim: kill });
      if (count > named.length) overdue.push({ group, count: count - named.length });
      if (account.victims.length > 0) account.victims = account.victims.filter((victim) => ++victim.ticks < WAIT_TICKS);
    }
    return overdue;
  }
}
