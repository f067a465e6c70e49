// The table itself: only the rows on the screen are rendered, and one element takes the keys for all of them.
'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type MouseEvent, useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { usePhone } from '../frame/use-media.ts';
import { useConnection, useGroup, useHost } from '../live/hooks.ts';
import { cx } from '../ui/classes.ts';
import { DeckHead } from './deck-head.tsx';
import { DeckRow } from './deck-row.tsx';
import { deckView } from './deck-view.ts';
import { rowId } from './grid.tsx';
import { fold, selectRange, toggle } from './keys.ts';
import { PhoneRow } from './phone-row.tsx';
import type { Row } from './tree.ts';

const ROW_PX = 32;
const PHONE_ROW_PX = 56;
const UNKNOWN_MACHINE_BYTES = 16 * 2 ** 30;

/** The machine’s memory: the scale of all bars. */
function useMachineBytes(): number {
  const host = useHost();
  const total = useGroup('/')?.readings['meminfo:MemTotal'];
  return host?.memoryBytes ?? (typeof total === 'number' ? total : UNKNOWN_MACHINE_BYTES);
}

export interface DeckTableProps {
  readonly rows: readonly Row[];
  readonly held: boolean;
  readonly onOpen: (path: string) => void;
  readonly onPoint: (over: boolean) => void;
}

export function DeckTable({ rows, held, onOpen, onPoint }: DeckTableProps) {
  const phone = usePhone();
  const scroller = useRef<HTMLDivElement>(null);
  const cursor = useStore(deckView, (view) => view.cursor);
  const spark = useStore(deckView, (view) => view.spark);
  const machineBytes = useMachineBytes();
  const { state } = useConnection();
  const rowPx = phone ? PHONE_ROW_PX : ROW_PX;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => rows[index]?.path ?? index,
    overscan: 8,
    initialOffset: deckView.getState().scrollTop,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measures again when the row height changes
  useLayoutEffect(() => virtual.measure(), [virtual, rowPx]);
  useEffect(() => {
    const element = scroller.current;
    return () => deckView.setState({ scrollTop: element?.scrollTop ?? 0 });
  }, []);

  const indexAt = rows.findIndex((row) => row.path === cursor.at);
  const lastAt = useRef(cursor.at);
  useEffect(() => {
    // Scrolls only when the cursor moved, not when rows change places under it.
    if (lastAt.current === cursor.at || indexAt < 0) return;
    lastAt.current = cursor.at;
    virtual.scrollToIndex(indexAt);
  }, [cursor.at, indexAt, virtual]);

  const rowsRef = useRef(rows);
  rowsRef.current = rows;
  const onPress = useCallback(
    (path: string, event: MouseEvent) => {
      const { cursor: now } = deckView.getState();
      if (event.shiftKey) deckView.setState({ cursor: selectRange(now, rowsRef.current, path) });
      else if (event.metaKey || event.ctrlKey) deckView.setState({ cursor: toggle(now, path) });
      else onOpen(path);
    },
    [onOpen],
  );
  const onToggle = useCallback((path: string, event: MouseEvent) => {
    event.stopPropagation();
    const { cursor: now } = deckView.getState();
    deckView.setState({ cursor: event.shiftKey ? selectRange(now, rowsRef.current, path) : toggle(now, path) });
  }, []);
  const onFold = useCallback(
    (path: string, folded: boolean) => deckView.setState(({ cursor: now }) => ({ cursor: fold(now, path, folded) })),
    [],
  );

  const items = virtual.getVirtualItems();
  const onScreen = items.some((item) => rows[item.index]?.path === cursor.at);
  const RowOf = phone ? PhoneRow : DeckRow;
  return (
    <div
      role="treegrid"
      aria-label="Control groups"
      aria-rowcount={rows.length + 1}
      aria-multiselectable="true"
      aria-activedescendant={cursor.at !== undefined && onScreen ? rowId(cursor.at) : undefined}
      tabIndex={0}
      className="group/table flex min-h-0 flex-1 flex-col -outline-offset-2"
    >
      {!phone && <DeckHead machineBytes={machineBytes} held={held} />}
      <div
        ref={scroller}
        role="presentation"
        onPointerEnter={() => onPoint(true)}
        onPointerLeave={() => onPoint(false)}
        className={cx('relative deck-scroller min-h-0 flex-1 overflow-y-auto', state === 'stale' && 'stale')}
      >
        <div role="presentation" className="relative w-full" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            return (
              row && (
                <div
                  key={item.key}
                  role="presentation"
                  className="absolute top-0 left-0 w-full"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <RowOf
                    row={row}
                    index={item.index}
                    at={cursor.at === row.path}
                    selected={cursor.selected.has(row.path)}
                    spark={spark}
                    machineBytes={machineBytes}
                    onPress={onPress}
                    onToggle={onToggle}
                    onFold={onFold}
                  />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}
