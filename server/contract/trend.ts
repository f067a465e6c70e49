// Whether a value grows, and how fast: a robust slope over its last minute, and nothing where there is no trend.

/** How far back a trend looks; an acceleration is found in the shorter ones. */
const WINDOWS_SEC = [60, 30, 12] as const;
const KEPT_MS = WINDOWS_SEC[0] * 1000;
const KEPT = 60;
/** One sample a second is enough, and slack for a tick that is a little early. */
const LEAST_APART_MS = 900;
/** With less data there is no trend. */
const LEAST_MS = 10_000;
/** A window is thinned to this, by the middle of neighbours: 66 pairs at most. */
const POINTS = 12;
/**
 * Share of the pairs that must grow, less those that shrink (Kendall's tau): one step in the window has 0.5, two have 0.67, a sawtooth of two teeth 0.5.
 */
const LEAST_TAU = 0.7;
/** And in standard deviations of what chance alone makes (Mann-Kendall): 1 in 4,000. */
const LEAST_DEVIATIONS = 3.5;
/** The newest samples must still grow at this share of the slope: otherwise the trend has ended. */
const STILL = 0.5;
/** Of a shorter window's rise, the share that must be above what was before it: a sawtooth only regains what it had. */
const NEW_SHARE = 0.5;
/** A shorter window counts if it is steeper than the longer one by this. */
const STEEPER = 2;

const points = { at: new Float64Array(POINTS), value: new Float64Array(POINTS) };
const slopes = new Float64Array((POINTS * (POINTS - 1)) / 2);
const few = new Float64Array(KEPT);

export interface TrendSample {
  /** Monotonic ms. */
  readonly monoMs: number;
  readonly value: number;
}

/** The last minute of one value: a ring of 60 samples, 1 KiB. */
export class Trend {
  readonly #at = new Float64Array(KEPT);
  readonly #value = new Float64Array(KEPT);
  #head = 0;
  #count = 0;
  /** Until the next sample. */
  #known: { readonly slope: number | undefined } | undefined;

  /** Takes a sample; not one that comes within a second of the last one, or is not a number. */
  add(monoMs: number, value: number): void {
    if (!Number.isFinite(value) || (this.#count > 0 && monoMs - this.#atOf(this.#count - 1) < LEAST_APART_MS)) return;
    this.#at[this.#head] = monoMs;
    this.#value[this.#head] = value;
    this.#head = (this.#head + 1) % KEPT;
    this.#count = Math.min(this.#count + 1, KEPT);
    this.#known = undefined;
  }

  /** Adds older samples before those that are there. */
  prepend(older: readonly TrendSample[]): void {
    const own = Array.from({ length: this.#count }, (_, i) => ({ monoMs: this.#atOf(i), value: this.#valueOf(i) }));
    const firstMs = own[0]?.monoMs ?? Number.POSITIVE_INFINITY;
    this.clear();
    for (const { monoMs, value } of [...older.filter(({ monoMs }) => monoMs < firstMs), ...own]) this.add(monoMs, value);
  }

  clear(): void {
    this.#head = 0;
    this.#count = 0;
    this.#known = undefined;
  }

  /** Whether nothing has changed for as long as it looks back. */
  get isIdle(): boolean {
    if (this.#count < KEPT) return false;
    for (let i = KEPT - 1; i > 0; i--) if (this.#valueOf(i) !== this.#valueOf(i - 1)) return false;
    return true;
  }

  /**
   * The growth per second, over zero; undefined without a trend: too little data, noise, steps, a sawtooth, a growth that has ended.
   * The slope is the median of the slopes of all pairs of at most 12 points (Theil 1950, Sen 1968), which a quarter of outliers cannot turn;
   * the trend is significant by the same pairs (Mann 1945, Kendall 1948).
   */
  get growthPerSec(): number | undefined {
    this.#known ??= { slope: this.#growth() };
    return this.#known.slope;
  }

  #growth(): number | undefined {
    const last = this.#count - 1;
    const nowMs = this.#atOf(last);
    const oldest = this.#firstSince(nowMs - KEPT_MS);
    if (last < 1 || nowMs - this.#atOf(oldest) < LEAST_MS) return undefined;
    // Most groups do not grow: this costs next to nothing.
    if (this.#middle(last - 2, last + 1) <= this.#middle(last - 8, last - 2)) return undefined;
    let found: number | undefined;
    for (const seconds of WINDOWS_SEC) {
      const from = this.#firstSince(nowMs - seconds * 1000);
      // Of a group that is younger, all windows are the same; nor is a shorter one computed that cannot be much steeper.
      if (found !== undefined && (from === oldest || this.#roughSlope(from) < found * (STEEPER / 1.5))) continue;
      const slope = this.#slope(from);
      if (slope === undefined || slope < (found ?? 0) * STEEPER || !this.#isNew(oldest, from, slope)) continue;
      found = slope;
    }
    return found;
  }

  /** Of the samples since `from`; undefined unless they grow significantly and still do. */
  #slope(from: number): number | undefined {
    const all = this.#count - from;
    const n = Math.min(all, POINTS);
    for (let i = 0, at = from; i < n; i++) {
      const next = from + Math.floor(((i + 1) * all) / n);
      points.at[i] = (this.#atOf(at) + this.#atOf(next - 1)) / 2;
      points.value[i] = next - at === 1 ? this.#valueOf(at) : this.#middle(at, next);
      at = next;
    }
    let pairs = 0;
    let grow = 0;
    for (let i = 1; i < n; i++) {
      for (let j = 0; j < i; j++) {
        const rise = (points.value[i] ?? 0) - (points.value[j] ?? 0);
        grow += Math.sign(rise);
        slopes[pairs++] = rise / ((points.at[i] ?? 0) - (points.at[j] ?? 0));
      }
    }
    // Var(S) = n (n - 1) (2 n + 5) / 18.
    const deviations = grow / Math.sqrt((pairs * (2 * n + 5)) / 9);
    if (!(grow >= LEAST_TAU * pairs && deviations >= LEAST_DEVIATIONS)) return undefined;
    const slope = median(slopes.subarray(0, pairs)) * 1000;
    return slope > 0 && this.#stillGrows(all, slope) ? slope : undefined;
  }

  #roughSlope(from: number): number {
    const seconds = (this.#atOf(this.#count - 1) - this.#atOf(from)) / 1000;
    return (this.#middle(this.#count - 3, this.#count) - this.#middle(from, from + 3)) / seconds;
  }

  #stillGrows(all: number, slope: number): boolean {
    const some = Math.max(2, Math.floor(all / 7));
    const now = this.#count - some;
    const seconds = (this.#atOf(now) - this.#atOf(now - some)) / 1000;
    return this.#middle(now, this.#count) - this.#middle(now - some, now) >= STILL * slope * seconds;
  }

  /** Whether a window has not just regained what the minute had before it. */
  #isNew(oldest: number, from: number, slope: number): boolean {
    if (from === oldest) return true;
    const before = few.subarray(0, from - oldest);
    for (let i = 0; i < before.length; i++) before[i] = this.#valueOf(oldest + i);
    before.sort();
    // Not the highest, which may be an outlier.
    const high = before[Math.floor((before.length - 1) * 0.9)] ?? 0;
    const seconds = (this.#atOf(this.#count - 1) - this.#atOf(from)) / 1000;
    return this.#middle(this.#count - 3, this.#count) - high >= NEW_SHARE * slope * seconds;
  }

  /** The median of some samples. */
  #middle(from: number, to: number): number {
    const some = few.subarray(0, to - Math.max(0, from));
    for (let i = 0; i < some.length; i++) some[i] = this.#valueOf(to - some.length + i);
    return median(some);
  }

  #firstSince(monoMs: number): number {
    let first = 0;
    while (first < this.#count - 1 && this.#atOf(first) < monoMs) first++;
    return first;
  }

  #atOf(index: number): number {
    return this.#at[this.#place(index)] ?? 0;
  }

  #valueOf(index: number): number {
    return this.#value[this.#place(index)] ?? 0;
  }

  #place(index: number): number {
    return (this.#head - this.#count + index + KEPT) % KEPT;
  }
}

/** Sorts the values. */
function median(values: Float64Array): number {
  values.sort();
  const half = values.length >> 1;
  const upper = values[half] ?? Number.NaN;
  return values.length % 2 === 1 ? upper : ((values[half - 1] ?? Number.NaN) + upper) / 2;
}
