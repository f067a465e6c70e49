// The page’s events: those from before it was opened, new ones, and older ones on demand, published once a screen frame.
import type { Event, EventGap } from '../../server/contract/events.ts';
import type { api } from './api.ts';
import { EventLog } from './event-log.ts';
import { addGap } from './gaps.ts';
import type { Troubles } from './trouble.ts';

/** Events from before the page: enough for the tape and the timeline. */
const EVENTS_BEFORE = 2000;
/** A burst of events is shown together. */
const FLUSH_MS = 16;

export interface LiveEventsDeps {
  readonly fetch: typeof api.events;
  readonly troubles: Troubles;
  /** `droppedId`: up to it only the gravest of them are here. */
  readonly onChange: (events: readonly Event[], droppedId: number) => void;
  readonly onGaps: (gaps: readonly EventGap[]) => void;
  /** The events from before the page have arrived, or cannot be had. */
  readonly onLoaded: () => void;
}

export class LiveEvents {
  readonly #deps: LiveEventsDeps;
  readonly #log = new EventLog();
  #arrived: Event[] = [];
  #gaps: readonly EventGap[] = [];
  #flush: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: LiveEventsDeps) {
    this.#deps = deps;
  }

  /** The newest id known, from which a reconnect continues. */
  get lastId(): number | undefined {
    return this.#log.lastId;
  }

  /** The first connection reports the end of the log; what is older is fetched once. */
  begin(lastId: number): void {
    if (this.#log.lastId !== undefined) return;
    this.#log.startAt(lastId);
    this.#deps.fetch({ since: Math.max(0, lastId - EVENTS_BEFORE), limit: EVENTS_BEFORE }).then(
      ({ events, gaps }) => {
        this.missing(gaps);
        for (const event of events) this.#deps.troubles.note(event);
        if (this.#log.add(events)) this.#changed();
        this.#deps.onLoaded();
      },
      () => this.#deps.onLoaded(),
    );
  }

  arrive(event: Event): void {
    this.#arrived.push(event);
    this.#deps.troubles.note(event);
    this.#flush ??= setTimeout(() => this.#show(), FLUSH_MS);
  }

  /** Events that are no longer kept, or were lost. */
  missing(gaps: readonly EventGap[] = []): void {
    if (gaps.length === 0) return;
    for (const gap of gaps) this.#gaps = addGap(this.#gaps, gap);
    this.#deps.onGaps(this.#gaps);
  }

  /** Publishes what has arrived: nothing may be lost when the stream stops. */
  settle(): void {
    clearTimeout(this.#flush);
    if (this.#arrived.length > 0) this.#show();
    this.#flush = undefined;
  }

  /** Asks for the events before the oldest known one. @returns false if there are none */
  async loadOlder(): Promise<boolean> {
    const oldest = this.#log.oldestId;
    if (oldest <= 1) return false;
    const since = Math.max(0, oldest - 1 - EVENTS_BEFORE);
    const { events, gaps } = await this.#deps.fetch({ since, limit: EVENTS_BEFORE });
    this.missing(gaps);
    this.#log.addOlder(
      events.filter(({ id }) => id < oldest),
      since,
    );
    this.#changed();
    return since > 0;
  }

  #show(): void {
    this.#flush = undefined;
    const arrived = this.#arrived;
    this.#arrived = [];
    if (this.#log.add(arrived)) this.#changed();
  }

  #changed(): void {
    this.#deps.onChange(this.#log.events, this.#log.droppedId);
  }
}
