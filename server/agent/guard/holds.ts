// The groups that are held now: reported with what is known, decided once, by a person or by the guard's steps when the time is over.
import type { CallAnswer } from '../../contract/calls.ts';
import { choiceWords, RULE, suggestedLimit } from '../../contract/guard-facts.ts';
import type { GuardPlan, Hold, HoldChoice, HoldFacts, HoldOutcome, Tried } from '../../contract/guards.ts';
import { ProblemError } from '../../contract/problems.ts';
import { type Clock, monotonicMs } from '../kernel/clock.ts';
import { KeyedQueue } from '../kernel/keyed-queue.ts';
import type { Reporter } from '../observe/reporter.ts';
import type { ActionJournal } from '../state/action-journal.ts';
import type { Choices, Outcome } from './choices.ts';
import { DecidedHolds } from './decided-holds.ts';
import type { HoldStore, StoredHold } from './hold-store.ts';
import { cancelReclaim, endReclaim, type OpenHold, storedOf, watchReclaim, withGrowth } from './open-hold.ts';
import { followSteps, lastStep } from './rule.ts';
import type { HeldGroup } from './triggers.ts';

/** The last ones of a hold. */
const MOST_TRIED = 20;

export interface HoldsParts {
  readonly reporter: Reporter;
  readonly journal: ActionJournal;
  readonly choices: Choices;
  readonly clock: Clock;
  readonly store: HoldStore;
  readonly factsOf: (group: string) => HoldFacts;
  readonly resume: (group: string) => Promise<void>;
  /** A hold ended. */
  readonly ended: (group: string, outcome: HoldOutcome, choice: string) => void;
}

type What = Omit<Tried, 'time' | 'by'> & { readonly by: string | undefined };
type Opened = Pick<Hold, 'group' | 'pattern' | 'reason'>;

export class Holds {
  readonly #parts: HoldsParts;
  readonly #open = new Map<string, OpenHold>();
  readonly #decided = new DecidedHolds();
  readonly #queue = new KeyedQueue();
  /** Whose decision is being carried out, which may take long. */
  readonly #busy = new Set<string>();

  constructor(parts: HoldsParts) {
    this.#parts = parts;
  }

  isOpen(group: string): boolean {
    return this.#open.has(group);
  }

  /** Without reading anything. */
  open(): HeldGroup[] {
    return [...this.#open.values()].map(({ hold: { group, reason }, sinceMonoMs }) => ({ group, reason, sinceMonoMs }));
  }

  /** With their facts as they are now. */
  all(): Hold[] {
    for (const [group, open] of this.#open) open.hold = { ...open.hold, facts: this.#factsOf(group, open) };
    return [...this.#open.values()].map(({ hold }) => hold);
  }

  /**
   * Reports a group that was stopped.
   * @param wokeMs when the kernel's signal woke us
   * @param before what an earlier agent knew of it, whose deadline stays
   */
  opened({ group, pattern, reason }: Opened, plan: GuardPlan, wokeMs: number | undefined, before?: StoredHold): void {
    const { clock, factsOf } = this.#parts;
    const facts: HoldFacts = { ...factsOf(group), ...(before?.bytesPerSec === undefined ? {} : { bytesPerSec: before.bytesPerSec }) };
    const decidesAtMonoMs = before?.decidesAtMonoMs ?? monotonicMs() + plan.deadlineSeconds * 1000;
    const leftMs = Math.max(0, decidesAtMonoMs - monotonicMs());
    const now = Date.now();
    const { since = now, tried = [] } = before ?? {};
    const why = reason === 'line' && facts.memsw?.isMet ? 'memsw' : reason;
    const known = { group, pattern, reason: before?.reason ?? why, since, decidesAt: now + leftMs };
    const replaces = before === undefined ? {} : { replaces: before.id };
    const { since: time, ...fields } = known;
    const next = choiceWords(plan.steps[0] ?? lastStep(plan));
    const reported = this.#parts.reporter.report({ kind: 'hold', ...fields, next, facts, time, ...replaces }, wokeMs).id;
    const id = before?.id ?? reported;
    const cancel = clock.after(leftMs, () => {
      this.#open.get(group)?.reclaiming?.abort();
      void this.#decideByRule(group, id);
    });
    const hold = { id, ...known, next, facts, suggestedBytes: suggestedLimit(facts), tried };
    const sinceMonoMs = before?.sinceMonoMs ?? monotonicMs();
    this.#open.set(group, { hold, plan, decidesAtMonoMs, sinceMonoMs, cancel, isStopped: facts.state === 'frozen' });
    this.#parts.store.saveSoon(this.#stored);
  }

  /** All its tasks have stopped now. */
  stopped(group: string): void {
    const open = this.#open.get(group);
    if (!open || open.isStopped) return;
    open.isStopped = true;
    const { id, reason, pattern, decidesAt, next, since } = open.hold;
    const facts: HoldFacts = { ...this.#factsOf(group, open), state: 'frozen' };
    open.hold = { ...open.hold, facts };
    this.#parts.reporter.report({ kind: 'hold', group, reason, pattern, facts, decidesAt, next, time: since, replaces: id });
  }

  /** The group was removed, emptied or thawed by others. */
  overtaken(group: string, outcome: HoldOutcome, sentence: string, what = 'none'): void {
    const open = this.#open.get(group);
    if (open) this.#end(open, { do: what, by: undefined, outcome, sentence });
  }

  /** Runs `look` between decisions, on a group that is still held; not while one is carried out. */
  async between(group: string, look: (heldMs: number) => Promise<void>): Promise<void> {
    if (this.#busy.has(group)) return;
    await this.#queue.take(group, async () => {
      const open = this.#open.get(group);
      if (open) await look(monotonicMs() - open.sinceMonoMs);
    });
  }

  /** The machine has memory again: a group that was held for that continues, with its guard. */
  recovered(group: string): Promise<void> {
    return this.#queue.take(group, async () => {
      const open = this.#open.get(group);
      if (!open) return;
      await this.#parts.resume(group);
      this.#end(open, {
        do: 'recovered',
        by: RULE,
        outcome: 'continues',
        sentence: 'The machine has memory again, and the group continues.',
      });
    });
  }

  /**
   * A decision ends a reclaim that goes on.
   * @throws ProblemError not_found for an unknown hold, conflict for one that was decided, or what the choice met
   */
  decide(id: number, choice: HoldChoice, by: string): Promise<Outcome> {
    const { hold, reclaiming } = this.#get(id);
    const { group } = hold;
    reclaiming?.abort();
    return this.#queue.take(group, async () => {
      const open = this.#open.get(group);
      if (open?.hold.id !== id) throw this.#decided.problem(id);
      return this.#carryOut(open, choice, by);
    });
  }

  /** @throws ProblemError not_found, or conflict where nothing is being reclaimed */
  cancelReclaim(id: number, by: string): Promise<CallAnswer<'cancelReclaim'>> {
    const open = this.#get(id);
    return this.#parts.journal.record({ by, action: 'cancel a reclaim', group: open.hold.group, safer: true }, () => cancelReclaim(open));
  }

  /** An earlier agent held it, and it was given back. */
  lost({ id, group }: StoredHold, outcome: HoldOutcome): void {
    const sentence = outcome === 'gone' ? 'The group was removed.' : 'cgdeck ended while it was held: it was given back, and continues.';
    this.#parts.reporter.report({ kind: 'decision', group, hold: id, time: Date.now(), do: 'none', outcome, sentence });
  }

  /** Ends all without a decision: the guards are removed. */
  close(): void {
    const sentence = 'cgdeck ended, and the group continues without its guard.';
    for (const open of this.#open.values()) this.#end(open, { do: 'none', by: undefined, outcome: 'continues', sentence });
    this.#parts.store.save([]);
  }

  async #decideByRule(group: string, id: number): Promise<void> {
    await this.#queue.take(group, async () => {
      const open = this.#open.get(group);
      if (open?.hold.id !== id) return;
      await followSteps({
        group,
        plan: open.plan,
        choices: this.#parts.choices,
        carryOut: (choice) => this.#carryOut(open, choice, RULE),
        isHeld: () => this.#open.get(group) === open,
      });
    });
  }

  async #carryOut(open: OpenHold, choice: HoldChoice, by: string): Promise<Outcome> {
    const { journal, choices } = this.#parts;
    const { group } = open.hold;
    this.#busy.add(group);
    const safer = choice.do === 'kill' || choice.do === 'killProcess' || choice.do === 'thaw' || by === RULE;
    try {
      const result = await journal.record(
        { by, action: 'decide', group, facts: { hold: open.hold.id, choice }, safer },
        () => choices.carryOut(group, open.plan, choice, by, choice.do === 'reclaim' ? watchReclaim(open, by) : {}),
        ({ outcome }) => outcome,
      );
      this.#cameOut(open, { do: choice.do, by, ...result });
      return result;
    } catch (error) {
      const sentence = `Could not ${choiceWords(choice)}: ${error instanceof ProblemError ? error.problem.detail : String(error)}`;
      this.#cameOut(open, { do: choice.do, by, outcome: 'refused', sentence });
      throw error;
    } finally {
      this.#busy.delete(group);
      endReclaim(open);
    }
  }

  #get(id: number): OpenHold {
    const open = [...this.#open.values()].find(({ hold }) => hold.id === id);
    if (!open) throw this.#decided.problem(id);
    return open;
  }

  /** Not of a group that was removed meanwhile, which was reported. */
  #cameOut(open: OpenHold, what: What): void {
    if (this.#open.get(open.hold.group) !== open) return;
    if (what.outcome === 'held' || what.outcome === 'refused') this.#tried(open, what);
    else this.#end(open, what);
  }

  #tried(open: OpenHold, { by, ...what }: What): void {
    const { id, group, tried } = open.hold;
    const one: Tried = { time: Date.now(), ...what, by: by ?? '' };
    open.hold = { ...open.hold, tried: [...tried, one].slice(-MOST_TRIED) };
    this.#parts.store.saveSoon(this.#stored);
    const when = { time: one.time, afterMs: Math.round(monotonicMs() - open.sinceMonoMs) };
    this.#parts.reporter.report({ kind: 'decision', group, hold: id, ...when, ...what, ...(by === undefined ? {} : { by }) });
  }

  #end(open: OpenHold, what: What): void {
    const { id, group } = open.hold;
    open.cancel();
    open.reclaiming?.abort();
    this.#open.delete(group);
    this.#decided.add(id, what.sentence, what.by);
    this.#tried(open, what);
    this.#parts.ended(group, what.outcome, what.do);
  }

  readonly #stored = (): Omit<StoredHold, 'boot'>[] => [...this.#open.values()].map(storedOf);

  #factsOf(group: string, { hold }: OpenHold): HoldFacts {
    return withGrowth(this.#parts.factsOf(group), hold.facts);
  }
}
