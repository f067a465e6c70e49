// Decides whether and when an ended program is started again: by its policy, with a delay that doubles after each quick end.
import type { LaunchRequest } from '../../contract/launch.ts';
import type { Exit } from '../../contract/launched.ts';

const FIRST_DELAY_MS = 1000;
const LAST_DELAY_MS = 60_000;
/** After a run of this length, delays begin at the first again. */
const WELL_MS = 10_000;

export interface Ended {
  readonly restart: LaunchRequest['restart'];
  readonly exit: Pick<Exit, 'code' | 'signal' | 'runMs'>;
  /** Restarts in a row before this end. */
  readonly inARow: number;
}

/** @returns the delay and the number of restarts in a row, including this one; undefined for no restart */
export function nextRestart({ restart, exit, inARow }: Ended): { readonly delayMs: number; readonly inARow: number } | undefined {
  if (restart.policy === 'never') return undefined;
  if (restart.policy === 'on-failure' && exit.code === 0) return undefined;
  const before = (exit.runMs ?? 0) >= WELL_MS ? 0 : inARow;
  if (restart.maxRetries !== undefined && before >= restart.maxRetries) return undefined;
  return { delayMs: Math.min(FIRST_DELAY_MS * 2 ** Math.min(before, 16), LAST_DELAY_MS), inARow: before + 1 };
}
