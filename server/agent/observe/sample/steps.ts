// One reading over time, in typed arrays: a value holds until the next. One that never changes has no array at all.
import type { ReadingValue } from '../../../contract/readings.ts';
import { MAX } from '../../../contract/units.ts';

type Value = ReadingValue | null;

const FIRST_POINTS = 8;
const GROWTH = 1.5;
/** A time and a value. */
const POINT_BYTES = 2 * Float64Array.BYTES_PER_ELEMENT;
/** Of the object, and of two typed arrays without what is in them. */
const OBJECT_BYTES = 120;
const ARRAYS_BYTES = 250;

/** Words other than "max", such as FROZEN, are few: a number far beyond any reading stands for each. */
const words: string[] = [];
const WORD = -(2 ** 1000);

function encoded(value: Value): number {
  if (value === null) return Number.NaN;
  if (typeof value === 'number') return value;
  if (value === MAX) return Number.POSITIVE_INFINITY;
  const known = words.indexOf(value);
  return ((known < 0 ? words.push(value) - 1 : known) + 1) * WORD;
}

function decoded(value: number): Value {
  if (Number.isNaN(value)) return null;
  if (value === Number.POSITIVE_INFINITY) return MAX;
  return value <= WORD ? (words[value / WORD - 1] ?? null) : value;
}

export class Steps {
  /** The last point; those before are in the arrays. */
  #timeMs: number;
  #value: number;
  #count = 0;
  #times: Float64Array | undefined;
  #values: Float64Array | undefined;

  constructor(timeMs: number, value: Value) {
    this.#timeMs = timeMs;
    this.#value = encoded(value);
  }

  get length(): number {
    return this.#count + 1;
  }

  /** About how much memory it takes. */
  get bytes(): number {
    return OBJECT_BYTES + (this.#times ? ARRAYS_BYTES + this.#times.length * POINT_BYTES : 0);
  }

  /** Infinity beyond the last. */
  timeAt(index: number): number {
    if (index > this.#count) return Number.POSITIVE_INFINITY;
    return index === this.#count ? this.#timeMs : (this.#times?.[index] ?? 0);
  }

  valueAt(index: number): Value {
    return index < 0 ? null : decoded(index === this.#count ? this.#value : (this.#values?.[index] ?? Number.NaN));
  }

  push(timeMs: number, value: Value): void {
    const room = this.#times?.length ?? 0;
    if (this.#count === room) this.#resize(Math.max(FIRST_POINTS, Math.ceil(room * GROWTH)), 0);
    if (this.#times) this.#times[this.#count] = this.#timeMs;
    if (this.#values) this.#values[this.#count] = this.#value;
    this.#count++;
    this.#timeMs = timeMs;
    this.#value = encoded(value);
  }

  /** Drops what ended before `fromMs`, and gives the memory back; the value at that moment is kept. */
  trim(fromMs: number): void {
    let dropped = 0;
    while (dropped < this.#count && this.timeAt(dropped + 1) <= fromMs) dropped++;
    if (dropped > 0) this.#resize(Math.ceil((this.#count - dropped) * GROWTH), dropped);
  }

  #resize(room: number, dropped: number): void {
    const resized = (from: Float64Array | undefined) => {
      const to = room > 0 ? new Float64Array(room) : undefined;
      if (from) to?.set(from.subarray(dropped, this.#count));
      return to;
    };
    [this.#times, this.#values] = [resized(this.#times), resized(this.#values)];
    this.#count -= dropped;
  }
}
