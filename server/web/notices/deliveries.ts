// The last deliveries, for people.
import type { Delivery, Destination } from '../../contract/notices.ts';
import type { Message } from './message.ts';
import type { Outcome } from './outcome.ts';

const KEPT = 100;

export class Deliveries {
  #list: Delivery[] = [];
  #lastId = 0;

  /** Newest first. */
  get all(): Delivery[] {
    return this.#list.toReversed();
  }

  begin({ id, name }: Destination, { title, count }: Message): Delivery {
    const delivery: Delivery = {
      id: ++this.#lastId,
      destination: id,
      name,
      time: Date.now(),
      title,
      events: count,
      state: 'sending',
      attempts: 0,
    };
    this.#list = [...this.#list, delivery].slice(-KEPT);
    return delivery;
  }

  /** @param retryInMs undefined: it is not tried again @returns what is shown from now on */
  ended({ nextTime: _, ...delivery }: Delivery, { delivered, answer }: Outcome, attempts: number, retryInMs?: number): Delivery {
    const next: Delivery = {
      ...delivery,
      attempts,
      answer,
      state: delivered ? 'delivered' : retryInMs === undefined ? 'failed' : 'retrying',
      ...(retryInMs === undefined ? {} : { nextTime: Date.now() + retryInMs }),
    };
    this.#list = this.#list.map((one) => (one.id === next.id ? next : one));
    return next;
  }
}
