// A figure that was measured, what it is compared with, and the table of them.

export interface Figure {
  readonly name: string;
  readonly cgdeck: string;
  /** What it is held against, with its own figure where that was measured too. */
  readonly comparedWith: string;
  readonly ratio?: string;
  /** What it should be; absent where the figure is only shown. */
  readonly target?: string;
  readonly met?: boolean;
}

/** @param part 0.5 is the median; the smallest value that at least this part of all values does not exceed */
export function quantile(values: readonly number[], part: number): number {
  if (values.length === 0) throw new Error('There is nothing to take a quantile of.');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

export function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

export function table(figures: readonly Figure[]): string {
  const rows = [
    ['figure', 'cgdeck', 'compared with', 'ratio', 'target', ''],
    ...figures.map((figure) => [
      figure.name,
      figure.cgdeck,
      figure.comparedWith,
      figure.ratio ?? '',
      figure.target ?? '',
      figure.met === undefined ? '' : figure.met ? 'met' : 'MISSED',
    ]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
