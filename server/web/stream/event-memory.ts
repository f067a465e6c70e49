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

  /** A connection to the agent begins; what is missing here follows. */
  begin(lastEventId: number): void {
    if (this.#lastId !== undefined && lastEventId >= this.#lastId) return;
    // The first time: older ones stay with the agent. A smaller id: its log was started anew, so ours is of another life.
    this.#ids = [];
    this.#texts = [];
    this.#lastId = lastEventId;
    this.#completeSince = lastEventId;
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

  /** The texts of all events with a greater id, oldest first. */
  since(id: number): readonly string[] {
    const place = this.#ids.findLastIndex((known) => known <= id);
    return this.#texts.slice(place + 1);
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
