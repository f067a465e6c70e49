// Unprivileged ids of the host for launches: each launch has a range of its own, so that none can touch another's files or processes.
import { ProblemError } from '../../contract/problems.ts';

/** Ids start here, above what distributions and systemd-nspawn hand out. */
const FIRST_HOST_ID = 1_879_048_192;
const RANGES = 4096;

/** Ids of a range: enough for whatever a distribution's user database holds. */
export const MAPPED_IDS = 65_536;

/** @param taken first ids of the ranges in use @returns the first id of a range @throws ProblemError conflict when all are in use */
export function freeHostId(taken: ReadonlySet<number>): number {
  for (let range = 0; range < RANGES; range++) {
    const id = FIRST_HOST_ID + range * MAPPED_IDS;
    if (!taken.has(id)) return id;
  }
  throw new ProblemError('conflict', `${RANGES} launches and kept layers have the user ids that there are: remove one first.`);
}
