// A number with its unit in a place of fixed width: digits to the right, the unit quiet, so that a changing value moves nothing.
import type { Quantity } from '../../server/contract/units.ts';
import { cx } from './classes.ts';

export interface FigureProps {
  /** From units.ts; undefined where there is no such reading. */
  readonly quantity: Quantity | undefined;
  /** Room for the digits, in characters. "9.99", "99.9" and "1023" take 4, a minus one more. */
  readonly digits?: number;
  /** Room for the unit, in characters; 0 leaves it out. */
  readonly unit?: number;
  /** Behind the unit, such as "/s". */
  readonly per?: string;
  readonly className?: string;
}

export function Figure({ quantity, digits = 4, unit = 3, per = '', className }: FigureProps) {
  return (
    <span className={cx('inline-flex items-baseline justify-end whitespace-nowrap', className)}>
      <span className={cx('text-right', quantity === undefined && 'text-quiet')} style={{ minWidth: `${digits}ch` }}>
        {quantity?.figure ?? '–'}
      </span>
      {unit > 0 && (
        <span className="ml-1 text-left text-[0.88em] text-quiet" style={{ width: `${unit + per.length}ch` }}>
          {quantity !== undefined && quantity.figure !== 'max' ? `${quantity.unit}${per}` : ''}
        </span>
      )}
    </span>
  );
}
