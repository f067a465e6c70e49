// A few at a time, some more waiting, the rest turned away: a burst of launches neither piles up processes nor loses an answer.
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

  /** @throws ProblemError rate_limited when too many wait already */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#atOnce) {
      if (this.#waiting.length >= this.#mayWait) {
        throw new ProblemError(
          'rate_limited',
          `${this.#waiting.length} launches are waiting for their turn already: try again in a second.`,
        );
      }
      // Whoever leaves hands its place over, so `inside` stays as it is.
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
