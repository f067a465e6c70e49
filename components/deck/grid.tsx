// The roles of a tree grid (ARIA Authoring Practices). The grid has the focus and names the active row, so cells are not focusable.
import type { ComponentProps, MouseEvent, ReactNode } from 'react';
import { cx } from '../ui/classes.ts';
import type { Measures } from './measures.ts';
import { type Pending, usePending } from './pending.ts';
import type { Row } from './tree.ts';
import { useMeasures } from './use-deck.ts';

export function GridCell(props: ComponentProps<'div'>) {
  // biome-ignore lint/a11y/useSemanticElements: virtual rows cannot be in a table element
  // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
  return <div role="gridcell" {...props} />;
}

export function ColumnHeader(props: ComponentProps<'div'>) {
  // biome-ignore lint/a11y/useSemanticElements: virtual rows cannot be in a table element
  // biome-ignore lint/a11y/useFocusableInteractive: the button inside has the focus
  return <div role="columnheader" {...props} />;
}

export function rowId(path: string): string {
  return `group-${encodeURIComponent(path)}`;
}

export interface RowProps {
  readonly row: Row;
  readonly index: number;
  /** The cursor is on it. */
  readonly at: boolean;
  readonly selected: boolean;
  readonly spark: 'memory' | 'cpu';
  readonly machineBytes: number;
  readonly onPress: (path: string, event: MouseEvent) => void;
  readonly onToggle: (path: string, event: MouseEvent) => void;
  readonly onFold: (path: string, folded: boolean) => void;
}

/** A group out of memory has a row of its own colour, and so has one that is held; one that is being removed fades. */
function rowTone(measures: Measures, pending: Pending | undefined): string {
  if (pending?.verb === 'remove') return 'opacity-50';
  if (measures.held !== undefined) return 'bg-frozen-soft/50';
  return measures.underOom ? 'bg-oom-soft' : '';
}

export interface GridRowProps extends Pick<RowProps, 'row' | 'index' | 'at' | 'selected' | 'onPress'> {
  readonly className: string;
  readonly children: (measures: Measures, pending: Pending | undefined) => ReactNode;
}

export function GridRow({ row, index, at, selected, onPress, className, children }: GridRowProps) {
  const measures = useMeasures(row.path);
  const pending = usePending(row.path);
  if (!measures) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: virtual rows cannot be in a table element
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names the active row
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid takes the keys for all rows
    <div
      role="row"
      id={rowId(row.path)}
      aria-rowindex={index + 2}
      aria-level={row.depth + 1}
      aria-posinset={row.place}
      aria-setsize={row.siblings}
      aria-selected={selected}
      {...(row.children > 0 ? { 'aria-expanded': !row.folded } : {})}
      data-group={row.path}
      onClick={(event) => onPress(row.path, event)}
      className={cx(
        'relative border-b border-line/60 pr-4',
        selected && 'bg-hover',
        at && 'deck-cursor',
        className,
        rowTone(measures, pending),
      )}
    >
      {children(measures, pending)}
    </div>
  );
}
