// Sizes as text, for sentences and screen readers.
import { formatBytes, MAX } from '../../../server/contract/units.ts';
import type { Size } from './scale.ts';

/** "64 MiB", "no limit": three significant digits, without trailing zeros after the point. */
export function sizeText(size: Size): string {
  if (size === MAX) return 'no limit';
  const { figure, unit } = formatBytes(size);
  return `${shorten(figure)} ${unit}`;
}

/** "64.0" -> "64", "1.50" -> "1.5": for running text, where columns need not line up. */
function shorten(figure: string): string {
  return figure.includes('.') ? figure.replace(/\.?0+$/, '') : figure;
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
