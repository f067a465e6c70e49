// Axes: round ticks in the chart’s unit, a top that fits the usual values, and times on the shared time axis.
import { formatBytes, formatClock, formatCount, formatPercent, type Quantity, shortText } from '../../server/contract/units.ts';
import type { Row, SeriesSpec } from './series.ts';

/** Of a plot with its time axis, in px. */
export const CHART_HEIGHT = 152;

export type ChartUnit = 'bytes' | 'bytesPerSec' | 'bitsPerSec' | 'percent' | 'count' | 'perSec';

const suffixed = ({ figure, unit }: Quantity, suffix: string): Quantity => ({ figure, unit: `${unit}${suffix}` });

/** A value and its unit, as legends and tables show it. */
export function quantityOf(value: number, unit: ChartUnit): Quantity {
  switch (unit) {
    case 'bytes':
      return formatBytes(value);
    case 'bytesPerSec':
      return suffixed(formatBytes(value), '/s');
    case 'bitsPerSec':
      return suffixed(formatCount(value), 'bit/s');
    case 'percent':
      return formatPercent(value);
    case 'count':
      return formatCount(value);
    case 'perSec':
      return suffixed(value < 10 ? { figure: value.toFixed(1), unit: '' } : formatCount(value), '/s');
  }
}

/** A tick's label: short, "64 MiB", "50 %". */
export function tickText(value: number, unit: ChartUnit): string {
  if (value === 0) return '0';
  // The chart’s title has "per second"; the axis has no room for it.
  return shortText(unit === 'bytesPerSec' ? formatBytes(value) : unit === 'bitsPerSec' ? formatCount(value) : quantityOf(value, unit));
}

/** A limit more than this many times the values would flatten them: it is in the legend only. */
const LIMIT_IN_VIEW = 3;

export interface ValueAxis {
  readonly top: number;
  readonly ticks: readonly number[];
}

/**
 * The top of the value axis, and its ticks: the highest value plus some space, on round steps. Limits count only
 * while they are near enough; `least` is the top of a chart of zeros.
 */
export function valueAxis(rows: readonly Row[], specs: readonly SeriesSpec[], unit: ChartUnit, least: number): ValueAxis {
  const highest = (of: readonly SeriesSpec[], together: boolean) => {
    const at = (row: Row) => of.reduce((most, { id }) => (together ? most + (row[id] ?? 0) : Math.max(most, row[id] ?? 0)), 0);
    return rows.reduce((most, row) => Math.max(most, at(row)), 0);
  };
  const lines = specs.filter(({ shape }) => shape === 'line' || shape === 'area');
  const values = Math.max(
    highest(
      lines.filter(({ stacked }) => stacked),
      true,
    ),
    highest(
      lines.filter(({ stacked }) => !stacked),
      false,
    ),
    least,
  );
  const limits = specs.filter(({ shape }) => shape === 'step').map((spec) => highest([spec], false));
  const top = Math.max(values * 1.08, ...limits.filter((limit) => limit <= values * LIMIT_IN_VIEW).map((limit) => limit * 1.06));
  const step = roundStep(top / 4, unit);
  const end = Math.ceil(top / step - 1e-9) * step;
  return { top: end, ticks: Array.from({ length: Math.round(end / step) + 1 }, (_, i) => i * step) };
}

/** The next round number: powers of two for bytes, 1-2-5 for the rest. */
function roundStep(rough: number, unit: ChartUnit): number {
  if (unit === 'bytes' || unit === 'bytesPerSec') return 2 ** Math.ceil(Math.log2(Math.max(rough, 1)));
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * decade).find((candidate) => candidate >= rough * (1 - 1e-9)) ?? decade * 10;
  return unit === 'count' ? Math.max(1, step) : step;
}

/** Round wall-clock times within a range: a tick for every 2 minutes of 10, every 10 s of one. */
export function timeTicks(fromMs: number, toMs: number, widthPx: number): number[] {
  const room = Math.max(2, Math.floor(widthPx / 66));
  const stepMs = [10_000, 15_000, 30_000, 60_000, 120_000, 300_000].find((step) => (toMs - fromMs) / step <= room) ?? 600_000;
  const ticks: number[] = [];
  // The text around a later one would be cut at the chart's edge.
  const lastMs = toMs - (16 * (toMs - fromMs)) / widthPx;
  for (let at = Math.ceil(fromMs / stepMs) * stepMs; at <= lastMs; at += stepMs) ticks.push(at);
  return ticks;
}

/** hh:mm on whole minutes of a long range, with seconds otherwise. */
export function timeTickText(timeMs: number, rangeMs: number): string {
  const clock = formatClock(timeMs);
  return rangeMs > 120_000 ? clock.slice(0, 5) : clock;
}
