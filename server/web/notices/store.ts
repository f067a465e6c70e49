// Has the supervisor store the destinations: the web process may write no file, and their secrets are for root only.
import { ProblemError } from '../../contract/problems.ts';

const PATIENCE_MS = 10_000;

export class NoticesStore {
  readonly #send: (text: string) => void;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** One at a time. @throws ProblemError busy if the disk refuses, or the supervisor does not answer */
  async write(text: string): Promise<void> {
    const waiting = Promise.withResolvers<void>();
    this.#waiting = waiting;
    const timer = setTimeout(() => this.written('The supervisor did not answer: nothing is known to be stored.'), PATIENCE_MS);
    this.#send(text);
    try {
      await waiting.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  written(fault: string | undefined): void {
    if (fault === undefined) this.#waiting?.resolve();
    else this.#waiting?.reject(new ProblemError('busy', fault));
    this.#waiting = undefined;
  }
}
