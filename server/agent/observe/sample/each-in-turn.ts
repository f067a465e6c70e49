// Which groups are read in full now though nothing points to a change: each once in ten seconds, spread over the ticks.

/** No reading is older, but for the time of a tick. */
export const TURN_MS = 10_000;
const SLOT_MS = 100;
const SLOTS = TURN_MS / SLOT_MS;

export class EachInTurn {
  #slot: number | undefined;

  /** @returns whether a group has its turn in this tick; at the first tick all have */
  next(nowMs: number): (gid: number) => boolean {
    const now = Math.floor(nowMs / SLOT_MS);
    const before = this.#slot ?? now - SLOTS;
    this.#slot = now;
    const passed = now - before;
    return (gid) => (((gid - before - 1) % SLOTS) + SLOTS) % SLOTS < passed;
  }
}
