// A list of rows in the launch form: the fields of each, a button that removes it, and one that adds another.
'use client';
import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { Fault } from '../ui/field.tsx';

export interface RowsProps<T> {
  readonly title: string;
  readonly rows: readonly T[];
  readonly onChange: (rows: readonly T[]) => void;
  readonly fault: string | undefined;
  readonly rowClass: string;
  /** A row's key; its place if left out. */
  readonly keyOf?: (row: T) => string;
  readonly removeLabel: (row: T, index: number) => string;
  readonly removeClass?: string;
  /** Shown without rows. */
  readonly none?: string;
  /** The label of the button that adds a row, and that row. */
  readonly add: string;
  readonly next: T | undefined;
  /** Why no row can be added. */
  readonly reason?: string | undefined;
  readonly children: (row: T, change: (part: Partial<T>) => void, index: number) => ReactNode;
}

export function Rows<T>({
  title,
  rows,
  onChange,
  fault,
  rowClass,
  keyOf,
  removeLabel,
  removeClass,
  none,
  add,
  next,
  reason,
  children,
}: RowsProps<T>) {
  return (
    <div>
      <p className="pb-1 text-sm font-medium">{title}</p>
      {rows.map((row, i) => (
        <div key={keyOf?.(row) ?? i} className={cx('mb-1.5', rowClass)}>
          {children(row, (part) => onChange(rows.map((other, at) => (at === i ? { ...other, ...part } : other))), i)}
          <IconButton
            icon={X}
            label={removeLabel(row, i)}
            className={removeClass}
            onClick={() => onChange(rows.filter((_, other) => other !== i))}
          />
        </div>
      ))}
      {rows.length === 0 && none !== undefined && <p className="pb-1.5 text-sm text-quiet">{none}</p>}
      <Fault className="pb-1">{fault}</Fault>
      <Button icon={Plus} size="sm" reason={reason} onClick={() => next !== undefined && onChange([...rows, next])}>
        {add}
      </Button>
    </div>
  );
}
