// v1: eventfds on a group's memory files, for out of memory and the three pressure levels (cgroup-v1/memory.rst, sections 9 to 11).
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { eventfd } from '../../../../native/libc/epoll.ts';
import { type PressureLevel, pressureLevels } from '../../../contract/events.ts';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import type { OnReady, Source, Sources } from '../../kernel/sources.ts';

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

export class MemoryWatch {
  readonly #sources: Sources;
  readonly #notices: MemoryNotices;
  readonly #byGroup = new Map<string, Source[]>();

  constructor(sources: Sources, notices: MemoryNotices) {
    this.#sources = sources;
    this.#notices = notices;
  }

  /** @param dir the group's directory in the memory hierarchy of v1 */
  add(group: string, dir: string): void {
    if (this.#byGroup.has(group)) return;
    const watched: Source[] = [];
    this.#byGroup.set(group, watched);
    const watch = (file: string, argument: string, signalled: OnReady) =>
      watched.push(this.#sources.watch(`${file} of ${group}`, registerEvent(dir, file, argument), 'counter', signalled));
    try {
      watch('memory.oom_control', '', (count, wokeMs) => this.#oom(group, dir, count, wokeMs));
      for (const level of pressureLevels)
        watch('memory.pressure_level', level, (count, wokeMs) => this.#pressure(group, dir, level, count, wokeMs));
    } catch {
      // The group was removed, is the root (some kernels notify nothing there), or descriptors ran out: what was registered stays.
    }
  }

  remove(group: string): void {
    for (const source of this.#byGroup.get(group) ?? []) source.close();
    this.#byGroup.delete(group);
  }

  #oom(group: string, dir: string, count: number, wokeMs: number): void {
    const control = this.#oomControl(dir);
    // The kernel also signals when the group is removed: that is not an OOM.
    if (control === undefined) return;
    this.#notices.oom(group, count, /under_oom 1/.test(control), wokeMs);
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
