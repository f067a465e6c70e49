// Limits how many launches run at once and how many wait, so that a burst does not overload the machine; more are refused.
import { ProblemError } from '../../contract/problems.ts';

export class Turnstile {
  readonly #atOnce: number;
  readonly #mayWait: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(atOnce: number, mayWait: number) {
    this.#atOnce = atOnce;
    this.#mayWait = mayWait;
  }

  /** @throws ProblemError rate_limited when too many are waiting */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#atOnce) {
      if (this.#waiting.length >= this.#mayWait) {
        throw new ProblemError('rate_limited', `${this.#waiting.length} launches are waiting already: try again in a second.`);
      }
      // The one that leaves passes its place on, so `inside` stays the same.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#inside++;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#inside--;
    }
  }
}
