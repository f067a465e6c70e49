// Lines of output in a scrolling box: only those on the screen are rendered, and the end can be followed.
'use client';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { layoutKey } from '../../frame/layout-key.ts';
import { cx } from '../../ui/classes.ts';
import { Moment } from '../../ui/moment.tsx';
import { partsOf } from './find.ts';
import type { OutputLine } from './lines.ts';
import { StreamMark } from './stream-mark.tsx';

const LINE_PX = 18;
/** So near to the end counts as the end. */
const AT_END_PX = 24;

export interface OutputLinesProps {
  readonly lines: readonly OutputLine[];
  readonly times: boolean;
  readonly following: boolean;
  readonly onFollowing: (following: boolean) => void;
  /** What is marked in them, and the line to be shown. */
  readonly wanted: string;
  readonly at: number | undefined;
  /** Ctrl+F: the browser would find only what is on the screen. */
  readonly onFind: () => void;
  /** Ctrl+A and Ctrl+C: everything, also what is not on the screen. */
  readonly onCopyAll: (clipboard: DataTransfer) => void;
  /** Shown while there are no lines. */
  readonly empty: string;
}

export function OutputLines({ lines, times, following, onFollowing, empty, ...props }: OutputLinesProps) {
  const { wanted, at, onFind, onCopyAll } = props;
  const [all, setAll] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_PX,
    overscan: 24,
  });
  const height = virtual.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines, and lines of another height, move the end
  useLayoutEffect(() => {
    if (following && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [following, lines, height]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another match moves the view
  useEffect(() => {
    if (at === undefined) return;
    onFollowing(false);
    virtual.scrollToIndex(at, { align: 'center' });
  }, [at]);
  const press = (event: KeyboardEvent) => {
    const key = event.ctrlKey || event.metaKey ? layoutKey(event.nativeEvent) : '';
    if (key === 'a') setAll(true);
    else if (key === 'f') onFind();
    else {
      if (key !== 'c' && event.key !== 'Control' && event.key !== 'Meta') setAll(false);
      return;
    }
    event.preventDefault();
  };
  const onScroll = (at: HTMLDivElement) => {
    const atEnd = at.scrollHeight - at.scrollTop - at.clientHeight < AT_END_PX;
    // Only the user scrolls up; the page itself only scrolls down.
    if (atEnd) onFollowing(true);
    else if (at.scrollTop < lastTop.current) onFollowing(false);
    lastTop.current = at.scrollTop;
  };
  return (
    <div
      ref={box}
      role="log"
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
      tabIndex={0}
      aria-label="Output"
      onKeyDown={press}
      onPointerDown={() => setAll(false)}
      onBlur={() => setAll(false)}
      onCopy={(event) => {
        if (!all) return;
        event.preventDefault();
        onCopyAll(event.clipboardData);
      }}
      onScroll={(event) => onScroll(event.currentTarget)}
      className={cx(
        'relative h-96 overflow-x-hidden overflow-y-auto rounded-md border border-line py-2 font-mono text-sm leading-[18px]',
        all ? 'bg-usage-soft' : 'bg-surface',
      )}
    >
      {lines.length === 0 && <p className="px-3 text-quiet">{empty}</p>}
      <div className="relative" style={{ height }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const line = lines[index];
          return (
            line && (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className={cx(
                  'absolute inset-x-0 top-0 grid gap-x-2 pr-3 pl-2',
                  times ? 'grid-cols-[10px_88px_minmax(0,1fr)]' : 'grid-cols-[10px_minmax(0,1fr)]',
                )}
                style={{ transform: `translateY(${start}px)` }}
              >
                <span className="flex h-[18px] items-center">{line.stream === 'err' && <StreamMark stream="err" label="stderr: " />}</span>
                {times && (
                  <span className="text-xs leading-[18px] text-quiet select-none">
                    {!line.continued && <Moment at={line.time} withMs />}
                  </span>
                )}
                <span className={cx('min-h-[18px] min-w-0 wrap-anywhere whitespace-pre-wrap', line.stream === 'err' && 'text-series-2')}>
                  <Marked text={line.text} wanted={wanted} isHere={index === at} />
                </span>
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

interface MarkedProps {
  readonly text: string;
  readonly wanted: string;
  /** It is the match that was gone to. */
  readonly isHere: boolean;
}

function Marked({ text, wanted, isHere }: MarkedProps) {
  const look = isHere ? 'bg-text text-surface' : 'bg-pressure-soft text-text outline outline-pressure-medium';
  return partsOf(text, wanted).map((part, i) =>
    i % 2 === 0 ? (
      part
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: a match is its place
      <mark key={i} className={look}>
        {part}
      </mark>
    ),
  );
}
