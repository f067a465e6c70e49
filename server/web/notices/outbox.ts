// One destination's queue: the first event leaves at once, later ones as one summary each half minute; what fails is tried again, with bounds.
import { Backoff } from '../../contract/backoff.ts';
import { firstIdOf } from '../../contract/event-facts.ts';
import type { Event } from '../../contract/events.ts';
import { Batch } from './batch.ts';
import type { Outcome } from './outcome.ts';

/** Events that belong together, such as a kill and its cause, arrive within that. */
const GATHER_MS = 200;
/** One message per destination in that time. */
const WINDOW_MS = 30_000;
const FIRST_RETRY_MS = 5_000;
const LAST_RETRY_MS = 300_000;
/** Half an hour of attempts. */
const MOST_ATTEMPTS = 12;
const OLDEST_MS = 3_600_000;
/** So many events are remembered, of which a newer version is no news. */
const REMEMBERED = 1000;

/** What became of an attempt: what the outcome says, and whether another one follows after that time. */
export interface Attempt {
  readonly outcome: Outcome;
  readonly attempts: number;
  readonly retryInMs: number | undefined;
}

/** A batch on its way. */
export interface Sending {
  /** @throws never */
  attempt(): Promise<Outcome>;
  report(attempt: Attempt): void;
}

export class Outbox {
  readonly #begin: (batch: Batch) => Sending;
  /** What waits; memory is bounded, since a batch counts what it cannot show. */
  #waiting: Batch | undefined;
  /** The first ids of events that have left. */
  readonly #reported = new Set<number>();
  #busy = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param begin makes the message of a batch */
  constructor(begin: (batch: Batch) => Sending) {
    this.#begin = begin;
  }

  add(event: Event): void {
    if (this.#reported.has(firstIdOf(event))) return;
    this.#waiting ??= new Batch();
    this.#waiting.add(event);
    if (this.#busy || this.#closed) return;
    this.#busy = true;
    this.#after(GATHER_MS, () => void this.#send());
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #after(ms: number, next: () => void): void {
    if (this.#closed) return;
    this.#timer = setTimeout(next, ms);
    this.#timer.unref();
  }

  #remember({ shown }: Batch): void {
    for (const event of shown) this.#reported.add(firstIdOf(event));
    for (const id of this.#reported) {
      if (this.#reported.size <= REMEMBERED) break;
      this.#reported.delete(id);
    }
  }

  async #send(): Promise<void> {
    const batch = this.#waiting;
    this.#waiting = undefined;
    this.#busy = batch !== undefined;
    if (!batch) return;
    this.#remember(batch);
    const startedMs = performance.now();
    const sending = this.#begin(batch);
    const backoff = new Backoff(FIRST_RETRY_MS, LAST_RETRY_MS);
    const attempt = async (attempts: number): Promise<void> => {
      const outcome = await sending.attempt();
      const delay = Math.max(backoff.next(), Math.min(outcome.retryAfterMs ?? 0, LAST_RETRY_MS));
      const again =
        !outcome.delivered &&
        outcome.retry &&
        !this.#closed &&
        attempts < MOST_ATTEMPTS &&
        performance.now() - startedMs + delay <= OLDEST_MS;
      sending.report({ outcome, attempts, retryInMs: again ? delay : undefined });
      if (again) this.#after(delay, () => void attempt(attempts + 1));
      else this.#after(WINDOW_MS, () => void this.#send());
    };
    await attempt(1);
  }
}
