// What became of the last holds, to answer a second person who decides.
import { ProblemError } from '../../contract/problems.ts';

const REMEMBERED = 100;

export class DecidedHolds {
  readonly #sentences = new Map<number, string>();

  add(id: number, sentence: string, by: string | undefined): void {
    this.#sentences.set(id, by === undefined ? sentence : `${by} decided: ${sentence}`);
    for (const old of [...this.#sentences.keys()].slice(0, -REMEMBERED)) this.#sentences.delete(old);
  }

  /** The answer to a decision about a hold that is not open. */
  problem(id: number): ProblemError {
    const sentence = this.#sentences.get(id);
    return sentence === undefined
      ? new ProblemError('not_found', `There is no hold ${id}.`)
      : new ProblemError('conflict', `It was decided already. ${sentence}`);
  }
}
