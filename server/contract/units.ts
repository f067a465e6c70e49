// Sizes and quantities: parsed as people and the kernel write them, formatted for the screen.

/** "No limit", everywhere outside v1. */
export const MAX = 'max';

/** cgroup v1 writes "no limit" as the largest long rounded down to pages (PAGE_COUNTER_MAX * PAGE_SIZE), which huge ones of hugetlb are too: up to 16 GiB. */
export const UNLIMITED_FROM = 2 ** 63 - 2 ** 34;

/** A comma is a decimal point; not before three digits, where others write thousands: "1,024M". */
const SIZE = /^(\d{1,19})(?:\.(\d{1,9})|,(\d{1,2}|\d{4,9}))?[ \u00a0\u202f]?([KMGTPE]?)(i?B)?$/i;
const SUFFIXES = ' KMGTPE';

/** For hints beside every field that takes a size. */
export const SIZE_HELP = 'such as 64M, 1.5G, 63.5 MiB or 4096; K, M and G count by 1024, also as KB, MB and GB';

/**
 * Parses a size as the kernel's memparse(9) does ("64M", "1G", "4096") or as people and the page write it ("63.5 MiB", "1,5G", "100 MB"), "max" or
 * "-1" for no limit. MB is MiB: 1024 × 1024 bytes.
 * @returns bytes, to the last digit, a part of one left out, or "max"; undefined if it is not a size (negative, a part of a byte, with blanks
 * around it, empty, or a number above 2^53, which JSON has rounded)
 */
export function exactSize(input: string | number): bigint | typeof MAX | undefined {
  if (typeof input === 'number') return Number.isSafeInteger(input) && input >= 0 ? BigInt(input) : undefined;
  if (input === MAX || input === '-1') return MAX;
  const [, digits, afterPoint, afterComma, suffix = ''] = SIZE.exec(input) ?? [];
  const part = afterPoint ?? afterComma;
  if (digits === undefined || (suffix === '' && part !== undefined)) return undefined;
  const shift = BigInt(10 * SUFFIXES.indexOf(suffix.toUpperCase() || ' '));
  const bytes = part === undefined ? BigInt(digits) << shift : (BigInt(digits + part) << shift) / 10n ** BigInt(part.length);
  return bytes >= UNLIMITED_FROM ? MAX : bytes;
}

/** The same as a number, which above 2^53 lacks its last digits. */
export function parseSize(input: string | number): number | typeof MAX | undefined {
  const bytes = exactSize(input);
  return typeof bytes === 'bigint' ? Number(bytes) : bytes;
}

/** A limit in bytes; Infinity for no limit. */
export function limitBytes(text: string): number {
  const size = parseSize(text);
  return typeof size === 'number' ? size : Number.POSITIVE_INFINITY;
}

export interface Quantity {
  /** The digits, three of them significant. */
  readonly figure: string;
  /** The unit, which may be empty. */
  readonly unit: string;
}

/** "64.0 MiB", or the figure alone where there is no unit. */
export function quantityText({ figure, unit }: Quantity): string {
  return unit === '' ? figure : `${figure} ${unit}`;
}

/** "64 MiB", "1.5 MiB": without trailing zeros, for running text, where columns need not line up. */
export function shortText({ figure, unit }: Quantity): string {
  return quantityText({ figure: figure.includes('.') ? figure.replace(/\.?0+$/, '') : figure, unit });
}

/** "1 process", "12 processes". */
export function countText(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}

const IEC = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

function threeDigits(value: number): string {
  if (value === 0) return '0';
  // 99.96 is 100, not 100.0.
  if (value >= 99.95) return Math.round(value).toString();
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

/** Bytes with an IEC unit, three significant digits: 1536 -> 1.50 KiB. */
export function formatBytes(bytes: number | typeof MAX): Quantity {
  if (bytes === MAX) return { figure: 'max', unit: '' };
  let scaled = Math.abs(bytes);
  let step = 0;
  while (scaled >= 999.5 && step < IEC.length - 1) {
    scaled /= 1024;
    step++;
  }
  const figure = step === 0 ? String(Math.round(scaled)) : threeDigits(scaled);
  return { figure: bytes < 0 ? `−${figure}` : figure, unit: IEC[step] ?? 'B' };
}

/** "1.50 KiB". */
export function bytesText(bytes: number): string {
  return quantityText(formatBytes(bytes));
}

/** A count with thousands spelled as k, M, G: 15300 -> 15.3 k. */
export function formatCount(count: number): Quantity {
  const units = ['', 'k', 'M', 'G', 'T'];
  let scaled = count;
  let step = 0;
  while (scaled >= 999.5 && step < units.length - 1) {
    scaled /= 1000;
    step++;
  }
  return { figure: step === 0 ? String(Math.round(scaled)) : threeDigits(scaled), unit: units[step] ?? '' };
}

/** A percentage with one decimal under 100. */
export function formatPercent(percent: number): Quantity {
  return { figure: percent >= 99.95 ? Math.round(percent).toString() : percent.toFixed(1), unit: '%' };
}

/** A duration that rounds to `below` or more is shown in the next unit. */
const DURATIONS = [
  { unit: 'ms', ms: 1, below: 999.5 },
  { unit: 's', ms: 1000, below: 59.95 },
  { unit: 'min', ms: 60_000, below: 59.95 },
  { unit: 'h', ms: 3_600_000, below: 23.95 },
] as const;

/** A duration in milliseconds, as µs, ms, s, min, h or d. */
export function formatDuration(ms: number): Quantity {
  if (ms < 0.9995) return { figure: Math.round(ms * 1000).toString(), unit: 'µs' };
  const found = DURATIONS.find((one) => ms / one.ms < one.below);
  return found ? { figure: threeDigits(ms / found.ms), unit: found.unit } : { figure: threeDigits(ms / 86_400_000), unit: 'd' };
}

/** "1.20 ms". */
export function durationText(ms: number): string {
  return quantityText(formatDuration(ms));
}

/** "1.2 ms", for running text. */
export function shortDuration(ms: number): string {
  return shortText(formatDuration(ms));
}

/** hh:mm:ss of a wall-clock time in ms, in the viewer's zone; with milliseconds if asked. */
export function formatClock(timeMs: number, withMs = false): string {
  const date = new Date(timeMs);
  const two = (n: number) => String(n).padStart(2, '0');
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return withMs ? `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}` : clock;
}

/** "90%", 0.9; undefined for a text that is no percentage. */
export function partOf(line: string | number): number | undefined {
  const [, digits] = /^(\d{1,3}(?:\.\d{1,3})?)\s?%$/.exec(String(line)) ?? [];
  return digits === undefined ? undefined : Number(digits) / 100;
}
