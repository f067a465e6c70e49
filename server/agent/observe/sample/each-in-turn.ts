// Which groups have their turn now: each once in a time, spread over it.

const SLOTS = 100;

export class EachInTurn {
  readonly #slotMs: number;
  #slot: number | undefined;

  /** @param turnMs in which each group has its turn once */
  constructor(turnMs: number) {
    this.#slotMs = turnMs / SLOTS;
  }

  /** @returns whether a group has its turn in this tick; at the first tick all have */
  next(nowMs: number): (gid: number) => boolean {
    const now = Math.floor(nowMs / this.#slotMs);
    const before = this.#slot ?? now - SLOTS;
    this.#slot = now;
    const passed = now - before;
    return (gid) => (((gid - before - 1) % SLOTS) + SLOTS) % SLOTS < passed;
  }
}
