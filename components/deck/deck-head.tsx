// The table’s head: a button for each column to sort by, and the axis that all memory bars share.
'use client';
import { ArrowDown, ArrowUp, Pause } from 'lucide-react';
import { useStore } from 'zustand';
import { formatBytes, shortText } from '../../server/contract/units.ts';
import { useMachineVersion } from '../live/hooks.ts';
import { cx } from '../ui/classes.ts';
import { Tip } from '../ui/tooltip.tsx';
import { type ColumnId, columnWords } from './columns.ts';
import { deckView, nextSort } from './deck-view.ts';
import { ColumnHeader } from './grid.tsx';
import { scaleTicks } from './memory-scale.ts';

function sortBy(by: ColumnId): void {
  deckView.setState(({ sort }) => ({ sort: nextSort(sort, by) }));
}

interface HeadProps {
  readonly by: ColumnId;
  readonly right?: boolean;
  readonly className?: string;
  readonly held: boolean;
}

function Head({ by, right = false, className, held }: HeadProps) {
  const sort = useStore(deckView, (view) => view.sort);
  const { label, help } = columnWords(by, useMachineVersion('memory'));
  const sorted = sort.by === by;
  const Arrow = sorted && held ? Pause : sort.descending ? ArrowDown : ArrowUp;
  return (
    <ColumnHeader
      aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
      className={cx('flex min-w-0 items-center', right && 'justify-end', className)}
    >
      <Tip text={sorted && held ? 'Rows keep their order while you point at them.' : help} side="bottom">
        <button
          type="button"
          onClick={() => sortBy(by)}
          className={cx(
            'group/head flex h-6 items-center gap-1 rounded-sm whitespace-nowrap hover:text-text',
            sorted ? 'text-text' : 'text-quiet',
            right && 'flex-row-reverse',
          )}
        >
          {label}
          <Arrow aria-hidden className={cx('size-3', !sorted && 'hidden')} />
        </button>
      </Tip>
    </ColumnHeader>
  );
}

function Axis({ machineBytes }: { readonly machineBytes: number }) {
  return (
    <span aria-hidden="true" className="relative block h-6 text-2xs">
      {scaleTicks(machineBytes).map(({ bytes, share }) => (
        <span
          key={bytes}
          className="absolute bottom-0 flex h-full items-center border-l border-line-strong/50 pl-1 leading-none whitespace-nowrap @max-[920px]:even:hidden"
          style={{ left: `${share * 100}%` }}
        >
          {shortText(formatBytes(bytes))}
        </span>
      ))}
      <span className="absolute right-0 bottom-0 h-full border-l border-line-strong/50" />
    </span>
  );
}

export function DeckHead({ machineBytes, held }: { readonly machineBytes: number; readonly held: boolean }) {
  const spark = useStore(deckView, (view) => view.spark);
  const other = spark === 'memory' ? 'cpu' : 'memory';
  return (
    // biome-ignore lint/a11y/useSemanticElements: virtual rows cannot be in a table element
    // biome-ignore lint/a11y/useFocusableInteractive: the buttons inside have the focus
    <div
      role="row"
      aria-rowindex={1}
      className="deck-grid h-9 shrink-0 items-center border-b border-line bg-surface pr-4 pl-2 text-xs text-quiet"
    >
      <ColumnHeader>
        <span className="sr-only">State</span>
      </ColumnHeader>
      <Head by="name" held={held} className="pl-4" />
      <div className="deck-memory items-center gap-3">
        <Head by="memory" held={held} right />
        <Axis machineBytes={machineBytes} />
      </div>
      <Head by="headroom" held={held} right />
      <Head by="full" held={held} right />
      <Head by="growth" held={held} right className="deck-wide" />
      <Head by="cpu" held={held} right />
      <ColumnHeader className="min-w-0">
        <Tip
          text={`The last minute of ${spark === 'memory' ? 'memory' : 'CPU'}. Press to show ${other === 'memory' ? 'memory' : 'CPU'} instead.`}
          side="bottom"
        >
          <button
            type="button"
            onClick={() => deckView.setState({ spark: other })}
            className="flex h-6 w-full items-center gap-1.5 rounded-sm whitespace-nowrap hover:text-text"
          >
            <span>Last minute</span>
            <span aria-hidden className={cx('h-0.5 w-3 rounded-full', spark === 'memory' ? 'bg-usage' : 'bg-series-1')} />
            <span className="sr-only">, {spark === 'memory' ? 'memory' : 'CPU'} is shown</span>
          </button>
        </Tip>
      </ColumnHeader>
      <Head by="pids" held={held} right className="deck-wide" />
      <Head by="failcnt" held={held} right className="deck-wide" />
      <Head by="pressure" held={held} right />
    </div>
  );
}
