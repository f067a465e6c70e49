// The table behind a chart: the same values for screen readers, or on demand. A row for each half minute.
import { memo } from 'react';
import { formatClock } from '../../server/contract/units.ts';
import { cx } from '../ui/classes.ts';
import { type ChartUnit, quantityOf } from './scales.ts';
import { bucketRows, type Row, type SeriesSpec } from './series.ts';

export interface ChartTableProps {
  readonly title: string;
  readonly unit: ChartUnit;
  readonly series: readonly SeriesSpec[];
  readonly rows: readonly Row[];
  /** Otherwise it is for screen readers only. */
  readonly visible: boolean;
}

const EACH_MS = 30_000;

/** Rendered only once in a half minute, and when it is switched: it would be 600 cells a second otherwise. */
export const ChartTable = memo(Table, (last, next) => {
  const slot = (rows: readonly Row[]) => Math.floor((rows.at(-1)?.timeMs ?? 0) / EACH_MS);
  return last.visible === next.visible && last.series === next.series && slot(last.rows) === slot(next.rows);
});

function Table({ title, unit, series, rows, visible }: ChartTableProps) {
  const shown = bucketRows(rows, series, EACH_MS).reverse();
  return (
    <div className={cx(visible ? 'absolute inset-0 overflow-y-auto' : 'sr-only')}>
      <table className="w-full text-right text-sm">
        <caption className="sr-only">{title}, one row for each 30 seconds, newest first</caption>
        <thead className="sticky top-0 bg-raised text-xs text-quiet">
          <tr>
            <th scope="col" className="py-0.5 text-left font-normal">
              Until
            </th>
            {series.map(({ id, label }) => (
              <th key={id} scope="col" className="py-0.5 pl-3 font-normal">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row.timeMs} className="border-t border-line">
              <th scope="row" className="py-0.5 text-left font-normal text-quiet">
                {formatClock(row.timeMs)}
              </th>
              {series.map(({ id }) => {
                const value = row[id];
                const { figure, unit: suffix } = typeof value === 'number' ? quantityOf(value, unit) : { figure: '–', unit: '' };
                return (
                  <td key={id} className="py-0.5 pl-3 whitespace-nowrap">
                    {figure} <span className="text-quiet">{suffix}</span>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
