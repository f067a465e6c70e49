// The events that this page knows, oldest first, each once; merged from the log and the stream, with a maximum.
import type { Event } from '../../server/contract/events.ts';

/** More than a page shows and little memory on a phone; grows only when older ones are requested. */
const KEPT = 5000;

export class EventLog {
  #events: readonly Event[] = [];
  #lastId: number | undefined;
  #kept = KEPT;

  get events(): readonly Event[] {
    return this.#events;
  }

  /** The newest id seen, from which a reconnect continues. */
  get lastId(): number | undefined {
    return this.#lastId;
  }

  /** @returns true if any of them was new */
  add(arrived: readonly Event[]): boolean {
    const fresh = this.#unknown(arrived);
    if (fresh.length === 0) return false;
    const merged = [...this.#events, ...fresh];
    if (!ascending(merged, this.#events.length)) merged.sort((a, b) => a.id - b.id);
    this.#events = merged.slice(-this.#kept);
    for (const { id } of fresh) this.#lastId = Math.max(this.#lastId ?? 0, id);
    return true;
  }

  /** Older events that were requested are kept, however many there are. */
  addOlder(older: readonly Event[]): boolean {
    this.#kept = Math.max(this.#kept, this.#events.length + older.length + KEPT);
    return this.add(older);
  }

  /** The end of the log when the page was opened: older events are requested separately. */
  startAt(lastId: number): void {
    this.#lastId ??= lastId;
  }

  #unknown(events: readonly Event[]): readonly Event[] {
    // The usual case, without comparing all of them: each newer than the one before.
    let last = this.#events.at(-1)?.id ?? 0;
    const ordered = events.every(({ id }) => {
      const newer = id > last;
      last = id;
      return newer;
    });
    if (ordered) return events;
    const known = new Set(this.#events.map(({ id }) => id));
    return events.filter(({ id }) => {
      if (known.has(id)) return false;
      known.add(id);
      return true;
    });
  }
}

/** Whether ids grow from place `from` on. */
function ascending(events: readonly Event[], from: number): boolean {
  for (let i = Math.max(1, from); i < events.length; i++) if ((events[i - 1]?.id ?? 0) >= (events[i]?.id ?? 0)) return false;
  return true;
}
