// The events this page knows, oldest first, each once; merged from the log and the stream and capped.
import type { Event } from '../../server/contract/events.ts';

/** More than a page shows and less than a phone minds; grows only where somebody asks for older ones. */
const KEPT = 5000;

export class EventLog {
  #events: readonly Event[] = [];
  #lastId: number | undefined;
  #kept = KEPT;

  get events(): readonly Event[] {
    return this.#events;
  }

  /** The newest id seen, which a reconnect asks to go on from. */
  get lastId(): number | undefined {
    return this.#lastId;
  }

  /** @returns true if any of them was new */
  add(arrived: readonly Event[]): boolean {
    const lastId = this.#lastId ?? 0;
    const newer = arrived.filter((event) => event.id > lastId);
    const older = arrived.length === newer.length ? [] : this.#unknown(arrived.filter((event) => event.id <= lastId));
    if (newer.length === 0 && older.length === 0) return false;
    const merged = [...this.#events, ...older, ...newer];
    if (older.length > 0 || !ascending(newer)) merged.sort((a, b) => a.id - b.id);
    this.#events = merged.slice(-this.#kept);
    for (const { id } of newer) this.#lastId = Math.max(this.#lastId ?? 0, id);
    return true;
  }

  /** Older events that were asked for stay, however many there are by then. */
  addOlder(older: readonly Event[]): boolean {
    this.#kept = Math.max(this.#kept, this.#events.length + older.length + KEPT);
    return this.add(older);
  }

  /** Where the log stood when the page came: what is older is asked for apart. */
  startAt(lastId: number): void {
    this.#lastId ??= lastId;
  }

  #unknown(events: readonly Event[]): Event[] {
    const known = new Set(this.#events.map((event) => event.id));
    return events.filter((event) => !known.has(event.id));
  }
}

function ascending(events: readonly Event[]): boolean {
  return events.every((event, i) => i === 0 || (events[i - 1]?.id ?? 0) < event.id);
}
