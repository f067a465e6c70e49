// The events that this page knows, oldest first, each once and in its newest version; merged from the log and the stream, with a maximum.

import { firstIdOf } from '../../server/contract/event-facts.ts';
import { eventKinds } from '../../server/contract/event-kinds.ts';
import type { Event, EventKind } from '../../server/contract/events.ts';
import { weightiest } from './event-weight.ts';

const known: ReadonlySet<EventKind> = new Set(eventKinds);

/** More than a page shows and little memory on a phone; grows only when older ones are requested. */
const KEPT = 5000;
/** Of those before: so many, the gravest. */
const KEPT_BEFORE = 1000;

export class EventLog {
  #events: readonly Event[] = [];
  #lastId: number | undefined;
  #kept = KEPT;
  #droppedId = 0;

  get events(): readonly Event[] {
    return this.#events;
  }

  /** The newest id seen, from which a reconnect continues. */
  get lastId(): number | undefined {
    return this.#lastId;
  }

  /** @returns true if any of them was new */
  add(all: readonly Event[]): boolean {
    for (const { id } of all) this.#lastId = Math.max(this.#lastId ?? 0, id);
    // A later version may have kinds that this page cannot show.
    const arrived = all.filter(({ kind }) => known.has(kind));
    const merged = this.#isNext(arrived) ? [...this.#events, ...arrived] : this.#merged(arrived);
    if (arrived.length === 0 || !merged) return false;
    this.#keep(merged);
    return true;
  }

  /**
   * Older events that were requested are kept, however many there are.
   * @param since after this id they are complete
   */
  addOlder(older: readonly Event[], since: number): boolean {
    this.#droppedId = Math.min(this.#droppedId, since);
    this.#kept = Math.max(this.#kept, this.#events.length + older.length + KEPT);
    return this.add(older);
  }

  /** The oldest id from which all are known: an event that has grown may have begun before. */
  get oldestId(): number {
    return this.#events.find((event) => event.id > this.#droppedId && firstIdOf(event) === event.id)?.id ?? 0;
  }

  /** The newest id that was dropped: up to it only the gravest events are here; 0 if none was. */
  get droppedId(): number {
    return this.#droppedId;
  }

  /** The end of the log when the page was opened: older events are requested separately. */
  startAt(lastId: number): void {
    this.#lastId ??= lastId;
  }

  #keep(merged: readonly Event[]): void {
    this.#events = weightiest(merged, { newest: this.#kept, before: KEPT_BEFORE });
    if (this.#events === merged) return;
    const kept = new Set(this.#events);
    this.#droppedId = Math.max(this.#droppedId, merged.findLast((event) => !kept.has(event))?.id ?? 0);
  }

  /** The usual case, without comparing all of them: each newer than the one before, and none a new version of another. */
  #isNext(events: readonly Event[]): boolean {
    let last = this.#events.at(-1)?.id ?? 0;
    return events.every((event) => {
      const isNewer = event.id > last && firstIdOf(event) === event.id;
      last = event.id;
      return isNewer;
    });
  }

  /** @returns undefined if all of them are known */
  #merged(arrived: readonly Event[]): Event[] | undefined {
    const byFirstId = new Map(this.#events.map((event) => [firstIdOf(event), event]));
    const fresh = arrived.filter((event) => {
      const isNew = event.id > (byFirstId.get(firstIdOf(event))?.id ?? 0);
      if (isNew) byFirstId.set(firstIdOf(event), event);
      return isNew;
    });
    return fresh.length === 0 ? undefined : [...byFirstId.values()].sort((a, b) => firstIdOf(a) - firstIdOf(b));
  }
}
