// A rate in bits a second: as typed, as exact text, in three digits, and as a place on a logarithmic slider.

import { type Quantity, shortText } from '../../../server/contract/units.ts';
import type { SlideStep } from '../../ui/slide-thumb.tsx';

/** Bits a second; null: no limit. */
export type Rate = number | null;

/** What the contract takes (RateBits). */
const LEAST = 1000;
const MOST = 100_000_000_000;

const UNITS = [
  { name: 'Gbit/s', bits: 1e9 },
  { name: 'Mbit/s', bits: 1e6 },
  { name: 'kbit/s', bits: 1e3 },
  { name: 'bit/s', bits: 1 },
] as const;

const SCALE: Record<string, number> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };
const WRITTEN = /^(\d+(?:[.,]\d+)?)\s*([kmg]?)(?:bit|b)?(?:\/s|ps)?$/i;
/** A capital B is a byte: a rate wrong by eight times must not be taken. */
const BYTES = /^\d+(?:[.,]\d+)?\s*[kKmMgG]?i?(?:B|[Bb]ytes?)(?:\/s|ps)?$/;
const NONE = new Set(['max', 'no limit', 'none']);

/** "10 Mbit/s", "10M", "1.5 Gbit", "64000", or "max" for no limit -> bits a second, or what is wrong. */
export function parseRate(input: string): { readonly rate: Rate } | { readonly fault: string } {
  const text = input.trim();
  if (NONE.has(text.toLowerCase())) return { rate: null };
  if (BYTES.test(text)) return { fault: 'Enter bits: 10 MB/s are 80 Mbit/s.' };
  const match = WRITTEN.exec(text);
  if (!match) return { fault: 'Enter a rate such as 10 Mbit/s or 500 kbit/s, or max.' };
  const bits = Math.round(Number((match[1] ?? '').replace(',', '.')) * (SCALE[(match[2] ?? '').toLowerCase()] ?? 1));
  return bits >= LEAST && bits <= MOST ? { rate: bits } : { fault: 'Enter a rate from 1 kbit/s to 100 Gbit/s.' };
}

/** Exactly this rate, as parseRate reads it back. */
export function rateInput(rate: Rate): string {
  if (rate === null) return 'max';
  // Three decimals of the next larger unit have every whole number of the smaller one.
  const unit = UNITS.find(({ bits }) => rate >= bits && rate % (bits / 1000) === 0) ?? UNITS[3];
  return `${Number((rate / unit.bits).toFixed(3))} ${unit.name}`;
}

/** Three significant digits: 12,345,678 -> 12.3 Mbit/s. */
export function formatRate(bitsPerSec: number): Quantity {
  // What rounds up to a thousand goes to the next unit.
  const unit = UNITS.find(({ bits }) => bitsPerSec >= bits * 0.9995) ?? UNITS[3];
  const scaled = bitsPerSec / unit.bits;
  if (unit.bits === 1 || scaled >= 99.95) return { figure: String(Math.round(scaled)), unit: unit.name };
  return { figure: scaled.toFixed(scaled >= 9.995 ? 1 : 2), unit: unit.name };
}

/** For sentences: "10 Mbit/s", "no limit". */
export function rateText(rate: Rate): string {
  return rate === null ? 'no limit' : shortText(formatRate(rate));
}

/** The slider goes from 1 kbit/s to 10 Gbit/s; its end means no limit. */
const SLIDER_DECADES = 7;
const SLIDER_MOST = LEAST * 10 ** SLIDER_DECADES;
const NO_LIMIT_ZONE = 0.06;
const SLIDER_END = 1 - NO_LIMIT_ZONE;

/** The place of a rate on the slider, 0 to 1 ("no limit"). */
export function placeOfRate(rate: Rate): number {
  if (rate === null) return 1;
  return Math.min(1, Math.max(0, Math.log10(rate / LEAST) / SLIDER_DECADES)) * SLIDER_END;
}

/** The rate at a place, in two digits: a drag cannot mean 10.037 Mbit/s. */
export function rateAtPlace(place: number): Rate {
  if (place > 1 - NO_LIMIT_ZONE / 2) return null;
  const bits = LEAST * 10 ** (Math.min(1, Math.max(0, place) / SLIDER_END) * SLIDER_DECADES);
  return twoDigits(bits);
}

function twoDigits(bits: number): number {
  const grid = 10 ** (Math.floor(Math.log10(bits)) - 1);
  return Math.min(SLIDER_MOST, Math.max(LEAST, Math.round(bits / grid) * grid));
}

/** The rates at which arrow keys stop within each decade. */
const STOPS = [1, 1.5, 2, 3, 5, 7] as const;
const STEPS = Array.from({ length: SLIDER_DECADES }, (_, decade) => STOPS.map((stop) => stop * LEAST * 10 ** decade))
  .flat()
  .concat(SLIDER_MOST);

/** The rate one key press away: the next stop, or ten times as much. */
export function stepRate(rate: Rate, step: SlideStep): Rate {
  switch (step) {
    case 'home':
      return LEAST;
    case 'end':
      return null;
    case 'up':
      return rate === null ? null : (STEPS.find((stop) => stop > rate) ?? null);
    case 'down':
      return rate === null ? SLIDER_MOST : (STEPS.findLast((stop) => stop < rate) ?? LEAST);
    case 'page-up':
      return rate === null || rate * 10 > SLIDER_MOST ? null : rate * 10;
    case 'page-down':
      return rate === null ? SLIDER_MOST : Math.max(LEAST, Math.round(rate / 10));
    default:
      return step satisfies never;
  }
}

/** The decades, for the slider’s scale. */
export const rateTicks: readonly { readonly place: number; readonly label: string }[] = Array.from(
  { length: SLIDER_DECADES + 1 },
  (_, decade) => {
    const rate = LEAST * 10 ** decade;
    return { place: placeOfRate(rate), label: rateText(rate).replace('bit/s', '') };
  },
);
