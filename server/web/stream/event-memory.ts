// The last events as the text that clients get, so that one who comes back misses none and the agent is not asked.
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

  /** The newest event that is known to have happened; undefined before the agent was first heard. */
  get lastId(): number | undefined {
    return this.#lastId;
  }

  /** All events with a greater id are here. */
  get completeSince(): number {
    return this.#completeSince;
  }

  /**
   * A connection to the agent begins; what is missing here follows, as far as the agent has it in memory.
   * @returns false if events between the last one here and the first that follows are only in the agent's log
   */
  begin({ lastEventId, completeSince }: { readonly lastEventId: number; readonly completeSince: number }): boolean {
    const isFollowed = this.#lastId === undefined || completeSince <= this.#lastId || lastEventId < this.#lastId;
    if (this.#lastId !== undefined && lastEventId >= this.#lastId && isFollowed) return true;
    // The first time: older ones stay with the agent. A smaller id: its log was started anew, so ours is of another life.
    this.#ids = [];
    this.#texts = [];
    this.#lastId = isFollowed ? lastEventId : completeSince;
    this.#completeSince = this.#lastId;
    return isFollowed;
  }

  /** @returns the text to send, or undefined for an event that is known already */
  add(event: Event): string | undefined {
    if (this.#lastId !== undefined && event.id <= this.#lastId) return undefined;
    const text = eventText(event);
    this.#ids.push(event.id);
    this.#texts.push(text);
    this.#lastId = event.id;
    // In blocks: taking the first off an array moves all the others.
    if (this.#ids.length > this.#capacity * 1.1) this.#forget(this.#ids.length - this.#capacity);
    return text;
  }

  /** Whether every event with a greater id is here. */
  isCompleteSince(id: number): boolean {
    return this.#lastId !== undefined && id >= this.#completeSince;
  }

  /**
   * The events with a greater id, oldest first, up to about so many characters.
   * @returns their texts, and the id to go on from where there are more
   */
  since(id: number, characters: number): { readonly texts: readonly string[]; readonly goOnFrom: number | undefined } {
    const start = this.#ids.findLastIndex((known) => known <= id) + 1;
    let end = start;
    for (let length = 0; end < this.#ids.length && length < characters; end++) length += this.#texts[end]?.length ?? 0;
    return { texts: this.#texts.slice(start, end), goOnFrom: end < this.#ids.length ? this.#ids[end - 1] : undefined };
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
