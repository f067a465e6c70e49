// The roles of a tree grid (ARIA Authoring Practices). The grid has the focus and names the active row, so cells are not focusable.
import type { ComponentProps, MouseEvent } from 'react';
import { cx } from '../ui/classes.ts';
import type { Row } from './tree.ts';

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

export interface GridRowProps extends ComponentProps<'div'> {
  readonly row: Row;
  readonly index: number;
  /** The cursor is on it. */
  readonly at: boolean;
  readonly selected: boolean;
  readonly onPress: (path: string, event: MouseEvent) => void;
}

export function GridRow({ row, index, at, selected, onPress, className, ...rest }: GridRowProps) {
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
      className={cx('relative', selected && 'bg-hover', at && 'deck-cursor', className)}
      {...rest}
    />
  );
}
