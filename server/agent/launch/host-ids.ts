// Gives each launch its own range of unprivileged host ids, so that no launch can access another's files or processes.
import { randomInt } from 'node:crypto';
import { ProblemError } from '../../contract/problems.ts';

/** Above the ids that distributions and systemd-nspawn assign. */
const FIRST_HOST_ID = 1_879_048_192;
const RANGES = 4096;

/** The ids of a range, enough for any distribution's user database. */
export const MAPPED_IDS = 65_536;

/** Hands the ranges out in turn: what a removed launch has left somewhere on disk is not the next one's. */
export class HostIds {
  #next = randomInt(RANGES);

  /** @param taken the first ids of the ranges in use. @returns the first id of a free range. @throws ProblemError conflict if there is none */
  free(taken: ReadonlySet<number>): number {
    for (let tried = 0; tried < RANGES; tried++) {
      const id = FIRST_HOST_ID + this.#next * MAPPED_IDS;
      this.#next = (this.#next + 1) % RANGES;
      if (!taken.has(id)) return id;
    }
    throw new ProblemError('conflict', `All ${RANGES} ranges of user ids are in use by launches and kept layers: remove one first.`);
  }
}
