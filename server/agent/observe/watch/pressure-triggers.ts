// Pressure on v2: triggers on a group's pressure files, which the kernel signals once a window while tasks stall that much (accounting/psi.rst).
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { type PressureLevel, pressureLevels } from '../../../contract/events.ts';
import { type PressureResource, type PressureSettings, type PressureThreshold, pressureResources } from '../../../contract/pressure.ts';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import type { Source, Sources } from '../../kernel/sources.ts';

export type PressureNotice = (group: string, resource: PressureResource, level: PressureLevel, wokeMs: number) => void;

const WINDOW_USEC = 1_000_000;
/** Without CAP_SYS_RESOURCE the window has to be a multiple of two seconds, or the kernel answers EINVAL. */
const UNPRIVILEGED_WINDOW_USEC = 2_000_000;
const PERCENT = 100;

/** For root the kernel looks at each group that has triggers on a thread of its own: more groups than this are not given any. */
export const MOST_GROUPS = 256;

/** As a trigger is written: "some 100000 1000000", stall and window in microseconds. */
export function triggerText({ of, percent }: PressureThreshold, windowUsec: number): string {
  return `${of} ${(windowUsec / PERCENT) * percent} ${windowUsec}`;
}

/**
 * Sets up one trigger, which lives as long as the descriptor.
 * @returns the descriptor, which signals POLLPRI
 * @throws where the file is not there, pressure is not measured (EOPNOTSUPP), or the kernel refuses the trigger
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
        // Removed meanwhile, out of descriptors, or a kernel that measures no pressure: what could be set up stays.
      }
    }
  }

  remove(group: string): void {
    for (const source of this.#byGroup.get(group) ?? []) source.close();
    this.#byGroup.delete(group);
  }

  #signalled(group: string, dir: string, resource: PressureResource, level: PressureLevel, wokeMs: number): void {
    // A group that goes signals its triggers as well: that is no pressure.
    try {
      closeSync(openSync(onDisk(`${dir}/${resource}.pressure`), 'r'));
    } catch {
      return;
    }
    this.#notice(group, resource, level, wokeMs);
  }
}
