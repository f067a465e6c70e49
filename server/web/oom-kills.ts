// OOM kills as counters that only grow: each group's outlives the group, so that a scrape after its end still finds the kill.
import { readFileSync } from 'node:fs';
import type { Event } from '../contract/events.ts';
import type { GroupMirror } from '../contract/mirror.ts';
import { measureOf } from '../contract/quantities.ts';

/** Groups that are gone and had kills: the ones whose last kill is longest ago are forgotten first. */
const GONE_KEPT = 1_000;

export class OomKills {
  readonly #mirror: GroupMirror;
  /** By path, the last kill last; a group that has had none is not here. */
  readonly #counts = new Map<string, number>();
  #hasBegun = false;

  constructor(mirror: GroupMirror) {
    this.#mirror = mirror;
  }

  /** A frame was applied. The first brings what the kernel has counted so far; from then on events do, also those of while nobody was connected. */
  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    for (const { entry, readings } of this.#mirror.groups.values()) {
      const count = measureOf('oom-kills', readings);
      if (typeof count === 'number' && count > 0) this.#counts.set(entry.path, count);
    }
  }

  add(event: Event): void {
    if (event.kind !== 'oom_kill') return;
    const count = (this.#counts.get(event.group) ?? 0) + event.count;
    this.#counts.delete(event.group);
    this.#counts.set(event.group, count);
    if (this.#counts.size <= this.#mirror.groups.size + GONE_KEPT) return;
    const gone = [...this.#counts.keys()].find((path) => !this.#mirror.byPath(path));
    if (gone !== undefined) this.#counts.delete(gone);
  }

  /** By path: every group that has the quantity, and those that are gone and had kills. */
  all(): Map<string, number> {
    const all = new Map(this.#counts);
    for (const { entry, readings } of this.#mirror.groups.values()) {
      if (!all.has(entry.path) && measureOf('oom-kills', readings) !== undefined) all.set(entry.path, 0);
    }
    return all;
  }
}

/** The kernel's own count since boot, of the whole machine (/proc/vmstat, since Linux 4.13); undefined where it has none. */
export function machineOomKills(): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
