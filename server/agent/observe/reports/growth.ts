// How a group grew up to its kill: the last stretch of its usage in which it only grew, or nearly so.
import type { Report } from '../../../contract/reports.ts';

/** A fall of less than this share of the highest usage is noise, such as a buffer that is freed. */
const NOISE = 0.03;
/** Shorter ones are two readings or less; smaller ones no growth. */
const LEAST_MS = 2000;
const LEAST_SHARE = 0.05;

/** @param points of the usage, wall-clock ms and bytes, oldest first @returns undefined where it did not grow */
export function growthOf(points: readonly (readonly [number, unknown])[]): Report['growth'] {
  const numbers = points.flatMap(([time, value]) => (typeof value === 'number' ? [[time, value] as const] : []));
  const last = numbers.at(-1);
  // The kill itself may have been read already: from the highest of the last readings.
  const peak = numbers.slice(-3).reduce((most, one) => (one[1] >= most[1] ? one : most), last ?? [0, 0]);
  let start = peak;
  for (const point of numbers.slice(0, numbers.indexOf(peak)).toReversed()) {
    if (point[1] > start[1] + peak[1] * NOISE) break;
    if (point[1] < start[1]) start = point;
  }
  const [forMs, bytes] = [peak[0] - start[0], peak[1] - start[1]];
  if (forMs < LEAST_MS || bytes < peak[1] * LEAST_SHARE) return undefined;
  return { bytesPerSec: Math.round((bytes / forMs) * 1000), forMs };
}
