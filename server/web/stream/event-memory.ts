// The last events as text for clients, so that those who reconnect need no call to the agent.
import type { Event } from '../../contract/events.ts';

export class EventMemory {
  readonly #capacity: number;
  #ids: number[] = [];
  #texts: string[] = [];
  #lastId: number | undefined;
  #completeSince = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The newest known event; undefined before the first connection to the agent. */
  get lastId(): number | undefined {
    return this.#lastId;
  }

  /** All events with a greater id are in memory. */
  get completeSince(): number {
    return this.#completeSince;
  }

  /**
   * A connection to the agent begins; it sends the events that are missing here, if it has them in memory.
   * @returns false if some of them are only in the agent's log
   */
  begin({ lastEventId, completeSince }: { readonly lastEventId: number; readonly completeSince: number }): boolean {
    const isFollowed = this.#lastId === undefined || completeSince <= this.#lastId || lastEventId < this.#lastId;
    if (this.#lastId !== undefined && lastEventId >= this.#lastId && isFollowed) return true;
    // Start over on the first connection, after a gap, and when the ids are smaller, since the agent's log is then a new one.
    this.#ids = [];
    this.#texts = [];
    this.#lastId = isFollowed ? lastEventId : completeSince;
    this.#completeSince = this.#lastId;
    return isFollowed;
  }

  /** @returns the text to send; undefined for a known event */
  add(event: Event): string | undefined {
    if (this.#lastId !== undefined && event.id <= this.#lastId) return undefined;
    const text = eventText(event);
    this.#ids.push(event.id);
    this.#texts.push(text);
    this.#lastId = event.id;
    // In blocks, since removing the first of an array moves all others.
    if (this.#ids.length > this.#capacity * 1.1) this.#forget(this.#ids.length - this.#capacity);
    return text;
  }

  /** Whether all events with a greater id are in memory. */
  isCompleteSince(id: number): boolean {
    return this.#lastId !== undefined && id >= this.#completeSince;
  }

  /**
   * The events with a greater id, oldest first, up to about so many characters.
   * @returns their texts, and the id to continue from if there are more
   */
  since(id: number, characters: number): { readonly texts: readonly string[]; readonly continueFrom: number | undefined } {
    const start = this.#ids.findLastIndex((known) => known <= id) + 1;
    let end = start;
    for (let length = 0; end < this.#ids.length && length < characters; end++) length += this.#texts[end]?.length ?? 0;
    return { texts: this.#texts.slice(start, end), continueFrom: end < this.#ids.length ? this.#ids[end - 1] : undefined };
  }

  #forget(count: number): void {
    this.#completeSince = this.#ids[count - 1] ?? this.#completeSince;
    this.#ids.splice(0, count);
    this.#texts.splice(0, count);
  }
}

export function eventText(event: Event): string {
  return JSON.stringify({ type: 'event', event });
}
