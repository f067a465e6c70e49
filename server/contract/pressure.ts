// When a group of v2 is under pressure: v1's three levels as shares of a second in which tasks wait (accounting/psi.rst).
import { z } from 'zod';

export const pressureResources = ['memory', 'cpu', 'io'] as const;
export type PressureResource = (typeof pressureResources)[number];

/** `some`: at least one task waits; `full`: all non-idle tasks wait at the same time. */
const Threshold = z.object({ of: z.enum(['some', 'full']), percent: z.number().int().min(1).max(99) });
export type PressureThreshold = z.infer<typeof Threshold>;

const Levels = z.object({ low: Threshold, medium: Threshold, critical: Threshold });
export type PressureLevels = z.infer<typeof Levels>;

/** A resource that is absent is not watched. */
export const PressureSettings = z.partialRecord(z.enum(pressureResources), Levels);
export type PressureSettings = z.infer<typeof PressureSettings>;

/**
 * The levels of v1 (cgroup-v1/memory.rst, section 11) as stalls. Each implies the one before, since `full` is never more than `some`,
 * and equals it in a group with one busy task.
 *
 * | level    | v1 says                                             | here        | why                                                              |
 * | low      | the kernel reclaims for new allocations             | some 10 %   | reclaim costs time; below that it is the normal work of a cache  |
 * | medium   | it swaps, or gives up cache that is in use          | some 30 %   | a task loses a third of its time                                 |
 * | critical | out of memory is near; reclaiming hardly helps      | full 40 %   | the group as a whole does nothing but wait for two fifths        |
 */
export const usualLevels: PressureLevels = {
  low: { of: 'some', percent: 10 },
  medium: { of: 'some', percent: 30 },
  critical: { of: 'full', percent: 40 },
};

/** Only memory, since its shortage kills: each watched group costs three descriptors a resource and, for root, one kernel thread. */
export const usualPressure: PressureSettings = { memory: usualLevels };

const FORM = /^(memory|cpu|io)(?:=(some|full)(\d{1,2}),(some|full)(\d{1,2}),(some|full)(\d{1,2}))?$/;

/** Parses one `--pressure`: "cpu", or "memory=some10,some30,full40". @returns undefined if malformed */
export function parsePressure(text: string): PressureSettings | undefined {
  const match = FORM.exec(text);
  if (!match) return undefined;
  const [, resource, ...parts] = match;
  if (parts[0] === undefined) return PressureSettings.safeParse({ [resource ?? '']: usualLevels }).data;
  const at = (i: number) => ({ of: parts[i], percent: Number(parts[i + 1]) });
  return PressureSettings.safeParse({ [resource ?? '']: { low: at(0), medium: at(2), critical: at(4) } }).data;
}
