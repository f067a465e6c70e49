// v1: eventfds on a group's memory files, for out of memory and the three pressure levels (cgroup-v1/memory.rst, sections 9 to 11).
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { eventfd } from '../../../../native/libc/epoll.ts';
import { type PressureLevel, pressureLevels } from '../../../contract/event-kinds.ts';
import { parentPath } from '../../../contract/paths.ts';
import { monotonicMs } from '../../kernel/clock.ts';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import type { CountedSource, OnReady, Source, Sources } from '../../kernel/sources.ts';
import { textIfThere } from '../../kernel/text-if-there.ts';

export interface MemoryNotices {
  oom(group: string, count: number, underOom: boolean, wokeMs: number): void;
  pressure(group: string, level: PressureLevel, count: number, wokeMs: number): void;
}

/** Has the kernel signal a new eventfd, which the caller closes: writes "<eventfd> <descriptor of the control file> <argument>". */
export function registerEvent(dir: string, file: string, argument: string): number {
  const control = openSync(onDisk(`${dir}/${file}`), 'r');
  let event = -1;
  try {
    event = eventfd();
    writeFileSync(onDisk(`${dir}/cgroup.event_control`), `${event} ${control} ${argument}`.trim());
    return event;
  } catch (error) {
    if (event >= 0) closeSync(event);
    throw error;
  } finally {
    closeSync(control);
  }
}

/** A group's eventfds. */
interface Watched {
  readonly group: string;
  readonly dir: string;
  readonly sources: Source[];
  oom?: CountedSource;
  /** Until it has tasks. */
  watchLevels?: (() => void) | undefined;
  /** Out of memory notices so far. */
  notices: number;
  /** The nearest watched group above whose memory contains this one's: the kernel notifies this one of each of its notices as well. */
  readonly above: Watched | undefined;
  /** How many of the notices above were for this group, too: of those that it has had, or from before it was watched. */
  inherited: number;
}

export class MemoryWatch {
  readonly #sources: Sources;
  readonly #notices: MemoryNotices;
  readonly #byGroup = new Map<string, Watched>();

  constructor(sources: Sources, notices: MemoryNotices) {
    this.#sources = sources;
    this.#notices = notices;
  }

  /** @param dir the group's directory in the memory hierarchy of v1 */
  add(group: string, dir: string): void {
    if (this.#byGroup.has(group)) return;
    const watched: Watched = { group, dir, sources: [], notices: 0, above: this.#above(group), inherited: 0 };
    this.#byGroup.set(group, watched);
    const watch = (file: string, argument: string, signalled: OnReady) => {
      const source = this.#sources.watch(`${file} of ${group}`, registerEvent(dir, file, argument), 'counter', signalled);
      watched.sources.push(source);
      return source;
    };
    watched.watchLevels = () => {
      for (const level of pressureLevels)
        watch('memory.pressure_level', level, (count, wokeMs) => this.#pressure(group, dir, level, count, wokeMs));
    };
    try {
      watched.oom = watch('memory.oom_control', '', (count, wokeMs) => this.#oom(watched, count, wokeMs));
      // The kernel signals at once where tasks wait already, also at a limit above: that is found in the control file (missed.ts).
      watched.oom.unread();
      this.#readAbove(watched, monotonicMs());
      watched.inherited = watched.above?.notices ?? 0;
    } catch {
      // The group was removed, is the root (some kernels notify nothing there), or descriptors ran out: what was registered stays.
    }
  }

  /** The group has tasks, or is about to: without any there is no pressure, and thousands of groups have none. */
  inhabited(group: string): void {
    const watched = this.#byGroup.get(group);
    const watchLevels = watched?.watchLevels;
    if (!watched || !watchLevels) return;
    watched.watchLevels = undefined;
    try {
      watchLevels();
    } catch {
      // As above.
    }
  }

  remove(group: string): void {
    for (const source of this.#byGroup.get(group)?.sources ?? []) source.close();
    this.#byGroup.delete(group);
  }

  #above(group: string): Watched | undefined {
    for (let path = group; path !== '/'; ) {
      path = parentPath(path);
      const watched = this.#byGroup.get(path);
      if (!watched?.oom) continue;
      return textIfThere(`${watched.dir}/memory.use_hierarchy`)?.trim() === '0' ? undefined : watched;
    }
    return undefined;
  }

  /** The kernel notifies a group before those below it: whatever this one was passed on is in the counter above by now. */
  #readAbove({ above }: Watched, wokeMs: number): void {
    if (above) this.#oom(above, above.oom?.unread() ?? 0, wokeMs);
  }

  #oom(watched: Watched, count: number, wokeMs: number): void {
    watched.notices += count;
    this.#readAbove(watched, wokeMs);
    const { above, group, dir } = watched;
    const inherited = Math.min(count, (above?.notices ?? 0) - watched.inherited);
    watched.inherited += inherited;
    if (count === inherited) return;
    const control = this.#oomControl(dir);
    // The kernel also signals when the group is removed: that is not an OOM.
    if (control === undefined) return;
    this.#notices.oom(group, count - inherited, /under_oom 1/.test(control), wokeMs);
  }

  #pressure(group: string, dir: string, level: PressureLevel, count: number, wokeMs: number): void {
    if (count === 0 || this.#oomControl(dir) === undefined) return;
    this.#notices.pressure(group, level, count, wokeMs);
  }

  #oomControl(dir: string): string | undefined {
    try {
      return readFileSync(onDisk(`${dir}/memory.oom_control`), 'utf8');
    } catch {
      return undefined;
    }
  }
}
