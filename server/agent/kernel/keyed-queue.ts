// Runs one task at a time for each key: the next begins when the one before has succeeded or failed.
export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work, work);
    this.#last.set(key, turn);
    const ended = () => {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    };
    turn.then(ended, ended);
    return turn;
  }

  /** Takes several keys. Always in sorted order, so that two callers never wait for each other. */
  takeAll<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const inTurn = [...new Set(keys)].sort().reduceRight<() => Promise<T>>((rest, key) => () => this.take(key, rest), work);
    return inTurn();
  }

  /** @returns once every task queued so far has ended */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}
