// v2: triggers on a group's pressure files, which the kernel signals once in each window in which tasks stall that long (accounting/psi.rst).
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { type PressureLevel, pressureLevels } from '../../../contract/event-kinds.ts';
import { type PressureResource, type PressureSettings, type PressureThreshold, pressureResources } from '../../../contract/pressure.ts';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import type { Source, Sources } from '../../kernel/sources.ts';

export type PressureNotice = (group: string, resource: PressureResource, level: PressureLevel, wokeMs: number) => void;

const WINDOW_USEC = 1_000_000;
/** Without CAP_SYS_RESOURCE the window has to be a multiple of two seconds, or the kernel answers EINVAL. */
const UNPRIVILEGED_WINDOW_USEC = 2_000_000;
const PERCENT = 100;

/** Groups with triggers: for root the kernel runs a thread for each of them. */
const MOST_GROUPS = 256;

/** The text of a trigger, such as "some 100000 1000000": stall and window in microseconds. */
export function triggerText({ of, percent }: PressureThreshold, windowUsec: number): string {
  return `${of} ${(windowUsec / PERCENT) * percent} ${windowUsec}`;
}

/**
 * Sets up one trigger.
 * @returns its descriptor, which signals POLLPRI; closing it removes the trigger
 * @throws where there is no such file, pressure is not measured (EOPNOTSUPP), or the kernel refuses the trigger
 */
export function openTrigger(path: string, threshold: PressureThreshold): number {
  const fd = openSync(onDisk(path), constants.O_RDWR | constants.O_NONBLOCK);
  try {
    try {
      writeSync(fd, triggerText(threshold, WINDOW_USEC));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
      writeSync(fd, triggerText(threshold, UNPRIVILEGED_WINDOW_USEC));
    }
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

export class PressureTriggers {
  readonly #sources: Sources;
  readonly #settings: PressureSettings;
  readonly #notice: PressureNotice;
  readonly #byGroup = new Map<string, Source[]>();

  constructor(sources: Sources, settings: PressureSettings, notice: PressureNotice) {
    this.#sources = sources;
    this.#settings = settings;
    this.#notice = notice;
  }

  /** @param dir the group's directory in the unified hierarchy */
  add(group: string, dir: string): void {
    if (this.#byGroup.has(group) || this.#byGroup.size >= MOST_GROUPS) return;
    const watched: Source[] = [];
    this.#byGroup.set(group, watched);
    for (const resource of pressureResources) {
      const levels = this.#settings[resource];
      if (!levels) continue;
      try {
        for (const level of pressureLevels) {
          const fd = openTrigger(`${dir}/${resource}.pressure`, levels[level]);
          const signalled = (_: number, wokeMs: number) => this.#signalled(group, dir, resource, level, wokeMs);
          watched.push(this.#sources.watch(`${resource}.pressure of ${group}`, fd, 'notified', signalled));
        }
      } catch {
        // The group was removed, descriptors ran out, or the kernel measures no pressure: what was set up stays.
      }
    }
  }

  remove(group: string): void {
    for (const source of this.#byGroup.get(group) ?? []) source.close();
    this.#byGroup.delete(group);
  }

  #signalled(group: string, dir: string, resource: PressureResource, level: PressureLevel, wokeMs: number): void {
    // The kernel also signals when the group is removed: that is not pressure.
    try {
      closeSync(openSync(onDisk(`${dir}/${resource}.pressure`), 'r'));
    } catch {
      return;
    }
    this.#notice(group, resource, level, wokeMs);
  }
}
