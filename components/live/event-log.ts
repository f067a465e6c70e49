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
    const fresh = this.#unknown(arrived);
    if (fresh.length === 0) return false;
    const merged = [...this.#events, ...fresh];
    if (!ascending(merged, this.#events.length)) merged.sort((a, b) => a.id - b.id);
    this.#events = merged.slice(-this.#kept);
    for (const { id } of fresh) this.#lastId = Math.max(this.#lastId ?? 0, id);
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

  #unknown(events: readonly Event[]): readonly Event[] {
    // The usual case, told without looking at all of them: each newer than the one before.
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
