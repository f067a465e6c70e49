// Counters of OOM kills, kept after a group's removal, so that the next scrape still finds the kill.
import { readFileSync } from 'node:fs';
import type { Event } from '../contract/events.ts';
import type { GroupMirror } from '../contract/mirror.ts';
import { measureOf } from '../contract/quantities.ts';

/** Counters of removed groups to keep: those with the oldest last kill are dropped first. */
const REMOVED_KEPT = 1_000;

export class OomKills {
  readonly #mirror: GroupMirror;
  /** By path, the latest kill last; only groups with kills. */
  readonly #counts = new Map<string, number>();
  #hasBegun = false;

  constructor(mirror: GroupMirror) {
    this.#mirror = mirror;
  }

  /** Call it after each frame. The first frame has the kernel's counts so far; later kills come as events, also those missed while disconnected. */
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
    if (this.#counts.size <= this.#mirror.groups.size + REMOVED_KEPT) return;
    const removed = [...this.#counts.keys()].find((path) => !this.#mirror.byPath(path));
    if (removed !== undefined) this.#counts.delete(removed);
  }

  /** By path: all groups that have the quantity, and removed ones with kills. */
  all(): Map<string, number> {
    const all = new Map(this.#counts);
    for (const { entry, readings } of this.#mirror.groups.values()) {
      if (!all.has(entry.path) && measureOf('oom-kills', readings) !== undefined) all.set(entry.path, 0);
    }
    return all;
  }
}

/** The kernel's count for the machine since boot (/proc/vmstat, since Linux 4.13); undefined on older kernels. */
export function machineOomKills(): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
