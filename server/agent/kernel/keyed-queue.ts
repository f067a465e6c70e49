// One thing at a time for each key: the next begins when the one before has ended, well or not.
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

  /** For several keys at once. Whoever takes several has to take them this way: in one order for all, none waits for another that waits for it. */
  takeAll<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const inTurn = [...new Set(keys)].sort().reduceRight<() => Promise<T>>((rest, key) => () => this.take(key, rest), work);
    return inTurn();
  }

  /** When all that was asked for so far has ended. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#last.values());
  }
}
