// The traffic of routed networks as readings of their groups: what changed since the last tick.
import { type TrafficReading, trafficReadings } from '../../../contract/readings.ts';

export type Traffic = Readonly<Record<TrafficReading, number>>;

export class TrafficSample {
  readonly #last = new Map<string, Traffic>();
  #now: () => ReadonlyMap<string, Traffic> = () => new Map();

  /** @param now counters of each group with a routed network */
  readFrom(now: () => ReadonlyMap<string, Traffic>): void {
    this.#now = now;
  }

  read(emit: (group: string, key: TrafficReading, value: number | null) => void): void {
    const now = this.#now();
    if (now.size === 0 && this.#last.size === 0) return;
    for (const [group, traffic] of now) {
      const before = this.#last.get(group);
      for (const key of trafficReadings) if (before?.[key] !== traffic[key]) emit(group, key, traffic[key]);
      this.#last.set(group, traffic);
    }
    for (const group of this.#last.keys()) {
      if (now.has(group)) continue;
      this.#last.delete(group);
      for (const key of trafficReadings) emit(group, key, null);
    }
  }

  /** The group was removed: a new one of its name starts without readings. */
  forget(group: string): void {
    this.#last.delete(group);
  }
}
