// Sets the kernel log's OOM kills against the groups' oom_kill counters: the log limits its rate, the counters never lose one.
import type { OomKill } from './kernel-log.ts';

export interface CountedKill {
  readonly group: string;
  readonly count: number;
  /** A victim that the log named without saying which group it was in, if there is one to go with it. */
  readonly victim?: OomKill;
}

interface Account {
  /** The counter's value up to which every kill has been told. */
  told: number;
  /** The counter's value at the last tick. */
  counted: number;
}

export class KillLedger {
  readonly #accounts = new Map<string, Account>();
  readonly #nameless: OomKill[] = [];

  /** A group the agent meets: kills before that (`already`) are not its news. */
  open(group: string, already: number): void {
    if (!this.#accounts.has(group)) this.#accounts.set(group, { told: already, counted: already });
  }

  close(group: string): void {
    this.#accounts.delete(group);
  }

  /** The log named a kill in a group, and it was told. */
  told(group: string): void {
    const account = this.#accounts.get(group);
    if (account) account.told++;
  }

  /** The log named a victim but no group. */
  nameless(kill: OomKill): void {
    this.#nameless.push(kill);
  }

  /** The counter as the tick read it. */
  counted(group: string, value: number): void {
    const account = this.#accounts.get(group);
    if (!account) {
      this.open(group, value);
      return;
    }
    account.counted = value;
  }

  /**
   * Kills that the counters know and nobody has told of; to be called before a tick's counters come in, so that
   * the log has had one interval's time to name them.
   */
  overdue(): CountedKill[] {
    const overdue: CountedKill[] = [];
    for (const [group, account] of this.#accounts) {
      const count = account.counted - account.told;
      if (count <= 0) continue;
      account.told = account.counted;
      const victim = count === 1 ? this.#nameless.shift() : undefined;
      overdue.push({ group, count, ...(victim ? { victim } : {}) });
    }
    // Names that fit no counter by now belong to processes outside every group that we see.
    this.#nameless.length = 0;
    return overdue;
  }
}
