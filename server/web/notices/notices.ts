// Sends messages about events to the destinations that want them, and stores the destinations.
import { hostname } from 'node:os';
import { z } from 'zod';
import type { Event } from '../../contract/events.ts';
import { type Delivery, Destination, MOST_DESTINATIONS, type NoticesView, type WrittenDestination } from '../../contract/notices.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { ProblemError } from '../../contract/problems.ts';
import { Addresses } from './addresses.ts';
import type { Batch } from './batch.ts';
import { type DeliverOptions, deliver } from './deliver.ts';
import { Deliveries } from './deliveries.ts';
import { messageOf, tryMessage } from './message.ts';
import { Outbox, type Sending } from './outbox.ts';
import { completed, shown } from './secrets.ts';
import { selector } from './selection.ts';

/** As it is stored, with all secrets. */
const Stored = z.object({ version: z.int(), destinations: z.array(Destination).max(MOST_DESTINATIONS) });
type Stored = z.infer<typeof Stored>;

export interface NoticesOptions {
  /** What was stored; undefined: nothing yet. */
  readonly stored: string | undefined;
  /** Stores it where only root can read it. @throws ProblemError if it cannot be stored */
  readonly store: (text: string) => Promise<void>;
  readonly allowLocal: boolean;
  readonly addresses?: Addresses;
  readonly timeoutMs?: number;
  readonly host?: string;
}

interface Open {
  readonly wants: (event: Event) => boolean;
  readonly outbox: Outbox;
}

export class Notices {
  readonly #options: NoticesOptions;
  readonly #host: string;
  readonly #stopping = new AbortController();
  readonly #deliver: DeliverOptions;
  readonly #deliveries = new Deliveries();
  readonly #tried = new Set<string>();
  #stored: Stored = { version: 0, destinations: [] };
  #fault: string | undefined;
  #open = new Map<string, Open>();
  #writing = false;

  constructor(options: NoticesOptions) {
    this.#options = options;
    this.#host = options.host ?? hostname();
    const { allowLocal, addresses = new Addresses({ allowLocal }), timeoutMs } = options;
    this.#deliver = { addresses, timeoutMs, signal: this.#stopping.signal };
    if (options.stored === undefined) return;
    const stored = Stored.safeParse(parseJson(options.stored));
    if (stored.success) this.#take(stored.data);
    else this.#fault = 'The stored destinations are damaged: no message is sent until they are entered again.';
  }

  get view(): NoticesView {
    return {
      version: this.#stored.version,
      destinations: this.#stored.destinations.map(shown),
      deliveries: this.#deliveries.all,
      local: this.#options.allowLocal,
      ...(this.#fault === undefined ? {} : { fault: this.#fault }),
    };
  }

  event(event: Event): void {
    for (const { wants, outbox } of this.#open.values()) if (wants(event)) outbox.add(event);
  }

  /** @throws ProblemError changed if they were changed meanwhile; invalid; busy if they cannot be stored */
  async replace(version: number, written: readonly WrittenDestination[]): Promise<NoticesView> {
    if (this.#writing || version !== this.#stored.version) {
      throw new ProblemError(
        'changed',
        'The destinations were changed meanwhile, and nothing was done: read them again, then change them.',
        { asked: String(version), now: String(this.#stored.version) },
      );
    }
    const ids = new Set(written.map(({ id }) => id));
    if (ids.size < written.length) throw new ProblemError('invalid', 'Two destinations have the same id.');
    const before = new Map(this.#stored.destinations.map((one) => [one.id, one]));
    const next = { version: version + 1, destinations: written.map((one) => completed(one, before.get(one.id))) };
    this.#writing = true;
    try {
      await this.#options.store(JSON.stringify(next));
    } finally {
      this.#writing = false;
    }
    this.#fault = undefined;
    this.#take(next);
    return this.view;
  }

  /** @throws ProblemError not_found; busy while it is being tried */
  async try(id: string): Promise<Delivery> {
    const destination = this.#stored.destinations.find((one) => one.id === id);
    if (!destination) throw new ProblemError('not_found', `There is no destination ${id}.`);
    if (this.#tried.has(id)) throw new ProblemError('busy', `“${destination.name}” is being tried: wait for its answer.`);
    this.#tried.add(id);
    try {
      const message = tryMessage(this.#host, destination.name);
      const delivery = this.#deliveries.begin(destination, message);
      return this.#deliveries.ended(delivery, await deliver(destination, message, this.#deliver), 1);
    } finally {
      this.#tried.delete(id);
    }
  }

  /** What has not been sent is lost. */
  close(): void {
    this.#stopping.abort();
    for (const { outbox } of this.#open.values()) outbox.close();
  }

  /** A destination that is the same keeps its queue. */
  #take(stored: Stored): void {
    const before = new Map(this.#stored.destinations.map((one) => [one.id, JSON.stringify(one)]));
    const open = new Map<string, Open>();
    for (const destination of stored.destinations) {
      if (!destination.enabled) continue;
      const same = before.get(destination.id) === JSON.stringify(destination) ? this.#open.get(destination.id) : undefined;
      open.set(
        destination.id,
        same ?? { wants: selector(destination.when), outbox: new Outbox((batch) => this.#begin(destination, batch)) },
      );
    }
    for (const [id, { outbox }] of this.#open) if (open.get(id)?.outbox !== outbox) outbox.close();
    this.#open = open;
    this.#stored = stored;
  }

  #begin(destination: Destination, batch: Batch): Sending {
    const message = messageOf(batch, this.#host);
    let delivery = this.#deliveries.begin(destination, message);
    return {
      attempt: () => deliver(destination, message, this.#deliver),
      report: ({ outcome, attempts, retryInMs }) => {
        delivery = this.#deliveries.ended(delivery, outcome, attempts, retryInMs);
      },
    };
  }
}
