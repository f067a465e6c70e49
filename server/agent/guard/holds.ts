// The groups that are held now: reported with what is known, decided once, by a person or by the guard's steps when the time is over.
import {
  choiceWords,
  type GuardPlan,
  type GuardStep,
  type Hold,
  type HoldChoice,
  type HoldFacts,
  type HoldOutcome,
  suggestedLimit,
  type Tried,
} from '../../contract/guards.ts';
import { ProblemError } from '../../contract/problems.ts';
import { type Clock, monotonicMs } from '../kernel/clock.ts';
import { KeyedQueue } from '../kernel/keyed-queue.ts';
import type { Reporter } from '../observe/reporter.ts';
import type { ActionJournal } from '../state/action-journal.ts';
import type { Choices, Outcome } from './choices.ts';
import type { HoldStore, StoredHold } from './hold-store.ts';

/** Decisions that are remembered, to answer a second person. */
const REMEMBERED = 100;
/** The last ones of a hold. */
const MOST_TRIED = 20;
/** As the name of who acted, where no person did. */
const RULE = 'guard';

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

interface OpenHold {
  hold: Hold;
  readonly plan: GuardPlan;
  readonly decidesAtMonoMs: number;
  readonly cancel: () => void;
  /** Whether it was reported that all its tasks have stopped. */
  isStopped: boolean;
}

type Opened = Pick<Hold, 'group' | 'pattern' | 'reason'>;

export class Holds {
  readonly #parts: HoldsParts;
  readonly #open = new Map<string, OpenHold>();
  readonly #decided = new Map<number, string>();
  readonly #queue = new KeyedQueue();
  /** Whose decision is being carried out, which may take long. */
  readonly #busy = new Set<string>();
  /** How often the limit of a group was raised by its guard. */
  readonly #raises = new Map<string, number>();

  constructor(parts: HoldsParts) {
    this.#parts = parts;
  }

  isOpen(group: string): boolean {
    return this.#open.has(group);
  }

  /** Without reading anything. */
  open(): Pick<Hold, 'group' | 'reason' | 'since'>[] {
    return [...this.#open.values()].map(({ hold }) => hold);
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
    const cancel = clock.after(leftMs, () => void this.#decideByRule(group, id));
    const hold = { id, ...known, next, facts, suggestedBytes: suggestedLimit(facts), tried };
    this.#open.set(group, { hold, plan, decidesAtMonoMs, cancel, isStopped: facts.state === 'frozen' });
    this.#parts.store.saveSoon(() => this.#stored());
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
  async between(group: string, look: (since: number) => Promise<void>): Promise<void> {
    if (this.#busy.has(group)) return;
    await this.#queue.take(group, async () => {
      const open = this.#open.get(group);
      if (open) await look(open.hold.since);
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

  /** @throws ProblemError not_found for an unknown hold, conflict for one that was decided, or what the choice met */
  decide(id: number, choice: HoldChoice, by: string): Promise<Outcome> {
    const group = [...this.#open].find(([, { hold }]) => hold.id === id)?.[0];
    if (group === undefined) throw this.#decidedOrUnknown(id);
    return this.#queue.take(group, async () => {
      const open = this.#open.get(group);
      if (open?.hold.id !== id) throw this.#decidedOrUnknown(id);
      return this.#carryOut(open, choice, by);
    });
  }

  /** Ends all without a decision: the guards are removed. */
  close(): void {
    for (const { cancel } of this.#open.values()) cancel();
    this.#open.clear();
    this.#parts.store.save([]);
  }

  async #decideByRule(group: string, id: number): Promise<void> {
    await this.#queue.take(group, async () => {
      const open = this.#open.get(group);
      if (open?.hold.id !== id) return;
      for (const step of [...open.plan.steps, lastStep(open.plan), { do: 'thaw' } as const]) {
        const choice = await this.#parts.choices.step(group, step, this.#raises.get(group) ?? 0);
        if (choice === undefined) continue;
        try {
          const { outcome } = await this.#carryOut(open, choice, RULE);
          if (choice.do === 'raise') this.#raises.set(group, (this.#raises.get(group) ?? 0) + 1);
          if (outcome !== 'held') return;
        } catch {
          // It was reported as refused: the next step.
        }
        if (!this.#open.has(group)) return;
      }
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
        () => choices.carryOut(group, open.plan, choice, by),
        ({ outcome }) => outcome,
      );
      const tried = { do: choice.do, by, ...result };
      if (result.outcome === 'held') this.#tried(open, tried);
      else this.#end(open, tried);
      return result;
    } catch (error) {
      const sentence = `Could not ${choiceWords(choice)}: ${error instanceof ProblemError ? error.problem.detail : String(error)}`;
      this.#tried(open, { do: choice.do, by, outcome: 'refused', sentence });
      throw error;
    } finally {
      this.#busy.delete(group);
    }
  }

  #tried(open: OpenHold, { by, ...what }: { do: string; outcome: HoldOutcome; sentence: string; by: string | undefined }): void {
    const { id, group, tried } = open.hold;
    const one: Tried = { time: Date.now(), ...what, by: by ?? '' };
    open.hold = { ...open.hold, tried: [...tried, one].slice(-MOST_TRIED) };
    this.#parts.store.saveSoon(() => this.#stored());
    this.#parts.reporter.report({ kind: 'decision', group, hold: id, time: one.time, ...what, ...(by === undefined ? {} : { by }) });
  }

  #end(open: OpenHold, what: { do: string; outcome: HoldOutcome; sentence: string; by: string | undefined }): void {
    const { id, group } = open.hold;
    open.cancel();
    this.#open.delete(group);
    this.#decided.set(id, what.by === undefined ? what.sentence : `${what.by} decided: ${what.sentence}`);
    for (const old of [...this.#decided.keys()].slice(0, -REMEMBERED)) this.#decided.delete(old);
    this.#tried(open, what);
    this.#parts.ended(group, what.outcome, what.do);
  }

  #stored(): Omit<StoredHold, 'boot'>[] {
    return [...this.#open.values()].map(({ decidesAtMonoMs, hold: { facts, next: _, suggestedBytes: __, ...hold } }) => ({
      ...hold,
      decidesAtMonoMs,
      ...(facts.bytesPerSec === undefined ? {} : { bytesPerSec: facts.bytesPerSec }),
    }));
  }

  #factsOf(group: string, { hold }: OpenHold): HoldFacts {
    const now = this.#parts.factsOf(group);
    // It does not grow any more: how it grew until it was held is what matters.
    const { bytesPerSec, secondsLeft } = hold.facts;
    return { ...now, ...(bytesPerSec === undefined ? {} : { bytesPerSec }), ...(secondsLeft === undefined ? {} : { secondsLeft }) };
  }

  #decidedOrUnknown(id: number): ProblemError {
    const decided = this.#decided.get(id);
    return decided === undefined
      ? new ProblemError('not_found', `There is no hold ${id}.`)
      : new ProblemError('conflict', `It was decided already. ${decided}`);
  }
}

function lastStep({ finally: last }: GuardPlan): GuardStep {
  return { do: last };
}
