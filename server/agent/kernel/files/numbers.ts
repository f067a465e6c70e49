// Numbers as the kernel writes them, read from bytes without making strings of them, and what they mean in a kind of file.
import type { ControlFile } from '../../../contract/control-files.ts';
import type { ReadingValue } from '../../../contract/readings.ts';
import { MAX, UNLIMITED_FROM } from '../../../contract/units.ts';

const BLANK = 32;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
/** A double holds up to 15 digits exactly. */
const SAFE_DIGITS = 15;
const NUMBER = /^-?\d{1,20}(\.\d*)?$/;
const ONE_WORD = 1n << 64n;

/**
 * The number at `start`, up to a blank, a newline or `end`. One from 2^63 up is below zero: a long that the kernel wrote as unsigned.
 * @returns undefined if there is none, or one that no 64 bits hold; above 2^53 its last digits are lost
 */
export function numberAt(bytes: Buffer, start: number, end: number): number | undefined {
  let at = start;
  // Bytes after `end` belong to another file.
  while (at < end && isBlank(bytes[at])) at++;
  const first = at;
  if (at < end && bytes[at] === MINUS) at++;
  const digits = at;
  let value = 0;
  while (at < end && isDigit(bytes[at])) value = value * 10 + ((bytes[at++] ?? ZERO) - ZERO);
  const plain = at > digits && at - digits <= SAFE_DIGITS && (at === end || isBlank(bytes[at]));
  if (plain) return first === digits ? value : 0 - value;
  while (at < end && (isDigit(bytes[at]) || bytes[at] === DOT)) at++;
  return at === end || isBlank(bytes[at]) ? numberIn(bytes.toString('latin1', first, at)) : undefined;
}

/** The number that the text is, as `numberAt` reads it. */
export function numberIn(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  if (text.length <= SAFE_DIGITS) return Number(text) + 0;
  const [whole = '', decimals] = text.split('.');
  const value = BigInt(whole);
  if (value >= ONE_WORD || value < -ONE_WORD / 2n) return undefined;
  return decimals === undefined ? Number(BigInt.asIntN(64, value)) : Number(text) + 0;
}

/**
 * What a number in a file means. Below zero a limit is none (v1 writes -1, Linux 3.16 to 3.18 2^64-1), and a level or a count is one that the
 * kernel added up in the wrong order on several CPUs: 0. Any other is the value itself.
 */
export function meaning(kind: ControlFile['kind'], value: number): ReadingValue {
  if (kind === 'limit') return value < 0 || value >= UNLIMITED_FROM ? MAX : value;
  return value < 0 && (kind === 'gauge' || kind === 'counter') ? 0 : value;
}

/** Of the kernel's long, on this machine. */
export const LONG_BITS = ['arm', 'ia32', 'mips', 'mipsel', 'ppc'].includes(process.arch) ? 32 : 64;
/** Pages of 4 KiB, and the largest that hugetlb has on 32 bits. */
const PAGE_BYTES = 4096;
const LARGEST_PAGE_BYTES = 2 ** 30;

/**
 * Whether a limit is none on a 32-bit kernel: there a long counts pages, so it is 2^31 pages of any size less one page, or less one huge page
 * (PAGE_COUNTER_MAX in linux/page_counter.h; rounded down in mm/hugetlb_cgroup.c).
 */
export function isUnlimitedOf32Bits(value: number): boolean {
  const all = 2 ** Math.ceil(Math.log2(value));
  const page = all / 2 ** 31;
  const less = all - value;
  return page >= PAGE_BYTES && less >= page && less <= LARGEST_PAGE_BYTES && Number.isInteger(Math.log2(less));
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** A blank, a tab, a newline: no file has other characters below. */
export function isBlank(byte: number | undefined): boolean {
  return byte !== undefined && byte <= BLANK;
}
