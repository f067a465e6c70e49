// A guard's steps, in order, when no person decided in time: the first that lets the group continue is the last that is tried.
import type { GuardPlan, GuardStep, HoldChoice } from '../../contract/guards.ts';
import type { Choices, Outcome } from './choices.ts';

interface Followed {
  readonly group: string;
  readonly plan: GuardPlan;
  readonly choices: Choices;
  readonly carryOut: (choice: HoldChoice) => Promise<Outcome>;
  /** Whether it still waits: another may have ended the hold meanwhile. */
  readonly isHeld: () => boolean;
}

export async function followSteps({ group, plan, choices, carryOut, isHeld }: Followed): Promise<void> {
  for (const step of [...plan.steps, lastStep(plan), { do: 'thaw' } as const]) {
    const choice = await choices.step(group, step);
    if (choice === undefined) continue;
    try {
      const { outcome } = await carryOut(choice);
      if (outcome !== 'held') return;
    } catch {
      // It was reported as refused: the next step.
    }
    if (!isHeld()) return;
  }
}

export function lastStep({ finally: last }: GuardPlan): GuardStep {
  return { do: last };
}
