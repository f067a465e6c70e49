// v2: what the kernel notifies of a group: limits reached, out of memory, freezing, the end of its last process (cgroup-v2.rst, “memory.events” and others).
import { readdirSync } from 'node:fs';
import { monotonicMs } from '../../kernel/clock.ts';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import { type Counters, growth, NotifiedFile } from '../../kernel/notified-file.ts';
import type { Sources } from '../../kernel/sources.ts';

export interface UnifiedNotices {
  /** Out of memory, `count` times. */
  oom(group: string, count: number, wokeMs: number): void;
  /** @param reached the control file whose value was reached, such as `memory.high`; `orAbove`: or that of a group above */
  threshold(group: string, reached: { readonly file: string; readonly orAbove?: true }, count: number, wokeMs: number): void;
  state(group: string, frozen: boolean, wokeMs: number): void;
  /** The last process in the group and below ended or left. */
  emptied(group: string, wokeMs: number): void;
}

/** Of the group itself; before Linux 5.2 the second is that, and the only one. */
const MEMORY_EVENTS = ['memory.events.local', 'memory.events'] as const;
const CORE_EVENTS = 'cgroup.events';
const PIDS_EVENTS = 'pids.events.local';

/** The control file of each counter of memory.events; oom and oom_kill are reported as events of their own. */
const MEMORY_THRESHOLDS: Readonly<Record<string, string>> = {
  low: 'memory.low',
  high: 'memory.high',
  max: 'memory.max',
  oom_group_kill: 'memory.oom.group',
};

/**
 * The files of a group that count how often a limit was reached, with that limit's control file. Where there is a `.local` file, that
 * one: the other also counts for the groups below, and each hit would be reported once for every ancestor.
 */
export function countingFiles(names: readonly string[]): { readonly name: string; readonly counts: { file: string; orAbove?: true } }[] {
  const present = new Set(names);
  return names.flatMap((name) => {
    const counts = /^(pids|hugetlb\.\w+)\.events$/.exec(name)?.[1];
    if (counts === undefined) return [];
    const local = present.has(`${name}.local`) ? `${name}.local` : name;
    // Since Linux 6.11 pids counts in the group whose limit it is (kernel/cgroup/pids.c); all else in that of the task (mm/hugetlb_cgroup.c).
    const isOwn = local === PIDS_EVENTS;
    return [{ name: local, counts: { file: `${counts}.max`, ...(isOwn ? {} : { orAbove: true }) } }];
  });
}

export class UnifiedWatch {
  readonly #sources: Sources;
  readonly #notices: UnifiedNotices;
  readonly #arePidsLocal: () => boolean;
  readonly #byGroup = new Map<string, Map<string, NotifiedFile>>();
  /** When each group was last reported empty. */
  readonly #emptiedMs = new Map<string, number>();

  /** @param arePidsLocal whether v2 is mounted with pids_localevents: then pids counts in the group of the task, as before Linux 6.11 */
  constructor(sources: Sources, notices: UnifiedNotices, arePidsLocal: () => boolean) {
    this.#arePidsLocal = arePidsLocal;
    this.#sources = sources;
    this.#notices = notices;
  }

  /** @param dir the group's directory in the unified hierarchy; call it again when the group got or lost files */
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
    const memoryEvents = MEMORY_EVENTS.find((name) => names.includes(name));
    for (const name of names.filter((one) => one === memoryEvents || one === CORE_EVENTS)) {
      this.#open(files, dir, name, (now, before, wokeMs) =>
        name === CORE_EVENTS ? this.#core(group, now, before, wokeMs) : this.#memory(group, growth(before, now), wokeMs),
      );
    }
    for (const { name, counts } of countingFiles(names)) {
      this.#open(files, dir, name, (now, before, wokeMs) => {
        const { max = 0 } = growth(before, now);
        const isOfTask = name === PIDS_EVENTS && this.#arePidsLocal();
        if (max > 0) this.#notices.threshold(group, isOfTask ? { ...counts, orAbove: true } : counts, max, wokeMs);
      });
    }
  }

  /** Whether the kernel signals a freeze or thaw of the group. */
  signalsState(group: string): boolean {
    return this.#byGroup.get(group)?.has(CORE_EVENTS) === true;
  }

  /**
   * A tick found the group populated. Reports the end of the last process also if start and end were merged into one notice.
   * @param sinceMs when the tick began (monotonicMs()); a group reported empty after that is not reported again
   */
  seenPopulated(group: string, sinceMs: number): void {
    const now = this.#byGroup.get(group)?.get(CORE_EVENTS)?.readNow(monotonicMs());
    if (now?.populated === 0 && (this.#emptiedMs.get(group) ?? 0) < sinceMs) this.#emptied(group, monotonicMs());
  }

  remove(group: string): void {
    this.#emptiedMs.delete(group);
    for (const file of this.#byGroup.get(group)?.values() ?? []) file.close();
    this.#byGroup.delete(group);
  }

  #open(files: Map<string, NotifiedFile>, dir: string, name: string, changed: ConstructorParameters<typeof NotifiedFile>[2]): void {
    if (files.has(name)) return;
    try {
      files.set(name, new NotifiedFile(this.#sources, `${dir}/${name}`, changed));
    } catch {
      // The group was removed, or descriptors ran out: what was opened stays.
    }
  }

  /** Disabling a controller removes its files; enabling it again makes new ones, for which the old descriptors do not work. */
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
      if (count !== undefined) this.#notices.threshold(group, { file }, count, wokeMs);
    }
  }

  #core(group: string, now: Counters, before: Counters, wokeMs: number): void {
    if (now.frozen !== before.frozen) this.#notices.state(group, now.frozen === 1, wokeMs);
    if (now.populated !== before.populated && now.populated !== 1) this.#emptied(group, wokeMs);
  }

  #emptied(group: string, wokeMs: number): void {
    this.#emptiedMs.set(group, monotonicMs());
    this.#notices.emptied(group, wokeMs);
  }
}
