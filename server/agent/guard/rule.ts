// A guard's steps, in order, when no person decided in time: the first that lets the group continue is the last that is tried.
import type { GuardPlan, GuardStep, HoldChoice } from '../../contract/guards.ts';
import type { Choices, Outcome } from './choices.ts';

export class Rule {
  readonly #choices: Choices;
  /** How often the limit of a group was raised by its guard. */
  readonly #raises = new Map<string, number>();

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  /** @param isHeld whether it still waits: another may have ended the hold meanwhile */
  async follow(group: string, plan: GuardPlan, carryOut: (choice: HoldChoice) => Promise<Outcome>, isHeld: () => boolean): Promise<void> {
    for (const step of [...plan.steps, lastStep(plan), { do: 'thaw' } as const]) {
      const raises = this.#raises.get(group) ?? 0;
      const choice = await this.#choices.step(group, step, raises);
      if (choice === undefined) continue;
      try {
        const { outcome } = await carryOut(choice);
        if (choice.do === 'raise') this.#raises.set(group, raises + 1);
        if (outcome !== 'held') return;
      } catch {
        // It was reported as refused: the next step.
      }
      if (!isHeld()) return;
    }
  }
}

export function lastStep({ finally: last }: GuardPlan): GuardStep {
  return { do: last };
}
