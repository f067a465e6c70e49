// Events that go into one message: the gravest of them, and how many more.

import { firstIdOf } from '../../contract/event-facts.ts';
import type { Event, EventKind } from '../../contract/events.ts';
import { type Severity, severities, severityOf } from '../../contract/severity.ts';

/** A message shows so many; the rest is counted. */
const SHOWN = 20;

const rank = (event: Event) => severities.indexOf(severityOf(event));

export class Batch {
  #shown: Event[] = [];
  #count = 0;
  readonly #byKind = new Map<EventKind, number>();

  get count(): number {
    return this.#count;
  }

  /** Oldest first; of many the gravest. */
  get shown(): readonly Event[] {
    return this.#shown.toSorted((a, b) => a.id - b.id);
  }

  /** How many of each kind. */
  get byKind(): ReadonlyMap<EventKind, number> {
    return this.#byKind;
  }

  get severity(): Severity {
    return severities[Math.max(0, ...this.#shown.map(rank))] ?? 'info';
  }

  /** The first of the gravest. */
  get worst(): Event | undefined {
    return this.#shown[0];
  }

  add(event: Event): void {
    const earlier = this.#shown.findIndex((one) => firstIdOf(one) === firstIdOf(event));
    if (earlier >= 0) {
      // A newer version of an event that grows.
      this.#shown[earlier] = event;
      return;
    }
    this.#count++;
    this.#byKind.set(event.kind, (this.#byKind.get(event.kind) ?? 0) + 1);
    const grade = rank(event);
    const last = this.#shown.at(-1);
    if (this.#shown.length >= SHOWN && last && rank(last) >= grade) return;
    const at = this.#shown.findIndex((one) => rank(one) < grade);
    this.#shown.splice(at < 0 ? this.#shown.length : at, 0, event);
    this.#shown.length = Math.min(this.#shown.length, SHOWN);
  }
}
