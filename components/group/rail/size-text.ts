// Sizes as text, for sentences and screen readers.
import { formatBytes, MAX, shortText } from '../../../server/contract/units.ts';
import type { Size } from './scale.ts';

/** "64 MiB", "no limit": three significant digits, without trailing zeros after the point. */
export function sizeText(size: Size): string {
  return size === MAX ? 'no limit' : shortText(formatBytes(size));
}

/** What a person would type for exactly this size: "64M", "1536K", "100000001", "max". */
export function sizeInput(size: Size): string {
  if (size === MAX) return MAX;
  const units = ['', 'K', 'M', 'G', 'T'];
  let scaled = size;
  let step = 0;
  while (scaled >= 1024 && scaled % 1024 === 0 && step < units.length - 1) {
    scaled /= 1024;
    step++;
  }
  return `${scaled}${units[step] ?? ''}`;
}
