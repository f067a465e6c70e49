// What a group of v2 meets: its limits, out of memory, freezing, its last process, as the kernel notifies it (cgroup-v2.rst, “memory.events” and others).
import { readdirSync } from 'node:fs';
import { monotonicMs } from '../../kernel/clock.ts';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import { type Counters, growth, NotifiedFile } from '../../kernel/notified-file.ts';
import type { Sources } from '../../kernel/sources.ts';

export interface UnifiedNotices {
  /** `count` times out of memory; the kernel kills then. */
  oom(group: string, count: number, wokeMs: number): void;
  /** @param file the control file whose value was met, as `memory.high` */
  threshold(group: string, file: string, count: number, wokeMs: number): void;
  state(group: string, frozen: boolean, wokeMs: number): void;
  /** Whether there is a living process in the group or below. */
  populated(group: string, populated: boolean, wokeMs: number): void;
}

const MEMORY_EVENTS = 'memory.events.local';
const CORE_EVENTS = 'cgroup.events';

/** The control file that each counter of memory.events is about. The others, oom and oom_kill, are told as what they are. */
const MEMORY_THRESHOLDS: Readonly<Record<string, string>> = {
  low: 'memory.low',
  high: 'memory.high',
  max: 'memory.max',
  oom_group_kill: 'memory.oom.group',
};

/**
 * Which of a group's files count, each by the control file whose value it counts hits of. Where a file has a `.local` beside it, that
 * one: the other counts for the groups below as well, and every hit would be told at each ancestor again.
 */
export function countingFiles(names: readonly string[]): { readonly name: string; readonly counts: string }[] {
  const present = new Set(names);
  return names.flatMap((name) => {
    const counts = /^(pids|hugetlb\.\w+)\.events$/.exec(name)?.[1];
    if (counts === undefined) return [];
    return [{ name: present.has(`${name}.local`) ? `${name}.local` : name, counts: `${counts}.max` }];
  });
}

export class UnifiedWatch {
  readonly #sources: Sources;
  readonly #notices: UnifiedNotices;
  readonly #byGroup = new Map<string, Map<string, NotifiedFile>>();
  /** When each group was last reported empty. */
  readonly #emptiedMs = new Map<string, number>();

  constructor(sources: Sources, notices: UnifiedNotices) {
    this.#sources = sources;
    this.#notices = notices;
  }

  /** @param dir the group's directory in the unified hierarchy; may be called again when its files have come or gone */
  add(group: string, dir: string): void {
    const files = this.#byGroup.get(group) ?? new Map<string, NotifiedFile>();
    this.#byGroup.set(group, files);
    let names: string[];
    try {
      names = readdirSync(onDisk(dir));
    } catch {
      names = [];
    }
    this.#dropMissing(files, new Set(names));
    for (const name of names.filter((one) => one === MEMORY_EVENTS || one === CORE_EVENTS)) {
      this.#hold(files, dir, name, (now, before, wokeMs) =>
        name === CORE_EVENTS ? this.#core(group, now, before, wokeMs) : this.#memory(group, growth(before, now), wokeMs),
      );
    }
    for (const { name, counts } of countingFiles(names)) {
      this.#hold(files, dir, name, (now, before, wokeMs) => {
        const { max = 0 } = growth(before, now);
        if (max > 0) this.#notices.threshold(group, counts, max, wokeMs);
      });
    }
  }

  /** Whether the kernel signals that the group freezes and thaws. */
  signalsState(group: string): boolean {
    return this.#byGroup.get(group)?.has(CORE_EVENTS) === true;
  }

  /**
   * A tick saw somebody inside. Where coming and going were one notice, or their notices have not come yet, this is how it is known.
   * @param sinceMs when the tick began to read (monotonicMs()); a group that was reported empty after that was so already
   */
  seenInside(group: string, sinceMs: number): void {
    const now = this.#byGroup.get(group)?.get(CORE_EVENTS)?.readNow(monotonicMs());
    if (now?.populated === 0 && (this.#emptiedMs.get(group) ?? 0) < sinceMs) this.#populated(group, false, monotonicMs());
  }

  remove(group: string): void {
    this.#emptiedMs.delete(group);
    for (const file of this.#byGroup.get(group)?.values() ?? []) file.close();
    this.#byGroup.delete(group);
  }

  #hold(files: Map<string, NotifiedFile>, dir: string, name: string, changed: ConstructorParameters<typeof NotifiedFile>[2]): void {
    if (files.has(name)) return;
    try {
      files.set(name, new NotifiedFile(this.#sources, `${dir}/${name}`, changed));
    } catch {
      // Removed while we open it, or out of descriptors: what could be opened stays.
    }
  }

  /** A controller that is not handed down any more takes its files along; the old descriptor of one that comes back is dead. */
  #dropMissing(files: Map<string, NotifiedFile>, present: ReadonlySet<string>): void {
    for (const [name, file] of files) {
      if (present.has(name) && file.readNow(monotonicMs())) continue;
      file.close();
      files.delete(name);
    }
  }

  #memory(group: string, grown: Counters, wokeMs: number): void {
    if (grown.oom !== undefined) this.#notices.oom(group, grown.oom, wokeMs);
    for (const [counter, file] of Object.entries(MEMORY_THRESHOLDS)) {
      const count = grown[counter];
      if (count !== undefined) this.#notices.threshold(group, file, count, wokeMs);
    }
  }

  #core(group: string, now: Counters, before: Counters, wokeMs: number): void {
    if (now.frozen !== before.frozen) this.#notices.state(group, now.frozen === 1, wokeMs);
    if (now.populated !== before.populated) this.#populated(group, now.populated === 1, wokeMs);
  }

  #populated(group: string, populated: boolean, wokeMs: number): void {
    if (!populated) this.#emptiedMs.set(group, monotonicMs());
    this.#notices.populated(group, populated, wokeMs);
  }
}
