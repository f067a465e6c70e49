// One row of the table.
'use client';
import { Tooltip } from '@base-ui/react/tooltip';
import { Check } from 'lucide-react';
import { type MouseEvent, memo } from 'react';
import { formatBytes, formatCount } from '../../server/contract/units.ts';
import { cx } from '../ui/classes.ts';
import { Figure } from '../ui/figure.tsx';
import { GridCell, GridRow } from './grid.tsx';
import { MemoryBar } from './memory-bar.tsx';
import { usePending } from './pending.ts';
import { RowActions } from './row-actions.tsx';
import { rowCard } from './row-card.tsx';
import { Cpu, Headroom, Pressure, RowName, RowState, rowTone, Usage } from './row-parts.tsx';
import { Sparkline } from './sparkline.tsx';
import type { Row } from './tree.ts';
import { useMeasures } from './use-deck.ts';
import { sizeText } from './words.ts';

export interface RowProps {
  readonly row: Row;
  readonly index: number;
  readonly at: boolean;
  readonly selected: boolean;
  readonly spark: 'memory' | 'cpu';
  readonly machineBytes: number;
  readonly onPress: (path: string, event: MouseEvent) => void;
  readonly onToggle: (path: string, event: MouseEvent) => void;
  readonly onFold: (path: string, folded: boolean) => void;
}

/** A change too small to be growth: a page a second. */
const NO_GROWTH = 4096;

function Growth({ value }: { readonly value: number | undefined }) {
  if (value === undefined) return <span className="text-quiet">–</span>;
  if (Math.abs(value) < NO_GROWTH) return <span className="text-quiet">0</span>;
  const { figure, unit } = formatBytes(value);
  return <Figure quantity={{ figure: value > 0 ? `+${figure}` : figure, unit }} digits={5} per="/s" />;
}

function Count({ of }: { readonly of: number | undefined }) {
  const { figure, unit } = of === undefined ? { figure: '–', unit: '' } : formatCount(of);
  return <span className={cx((of ?? 0) === 0 && 'text-quiet')}>{`${figure}${unit}`}</span>;
}

export const DeckRow = memo(function DeckRow({ row, index, at, selected, spark, machineBytes, onPress, onToggle, onFold }: RowProps) {
  const measures = useMeasures(row.path);
  const pending = usePending(row.path);
  if (!measures) return null;
  // A selected group still shows that it is frozen or out of memory; that it is selected is visible from the row’s colour.
  const stateMatters = measures.state !== 'thawed' || measures.underOom;
  return (
    <GridRow
      row={row}
      index={index}
      at={at}
      selected={selected}
      onPress={onPress}
      className={cx(
        'deck-grid group/row h-(--row-height) items-center border-b border-line/60 pr-4 pl-2 text-sm hover:bg-hover',
        rowTone(measures, pending),
      )}
    >
      <GridCell className="flex h-full items-center justify-center" onClick={(event) => onToggle(row.path, event)}>
        <span
          className={cx(
            'size-4 items-center justify-center rounded-sm border',
            selected && 'border-text bg-text text-surface',
            selected && !stateMatters ? 'flex' : 'hidden group-hover/row:flex',
            !selected && 'border-line-strong',
          )}
        >
          {selected && <Check aria-hidden className="size-3" strokeWidth={3} />}
        </span>
        <span className={selected && !stateMatters ? 'hidden' : 'flex group-hover/row:hidden'}>
          <RowState measures={measures} pending={pending} />
        </span>
      </GridCell>
      <GridCell className="relative flex h-full min-w-0 items-center">
        <RowName row={row} managed={measures.managed || row.path === '/'} onFold={onFold} />
        <RowActions measures={measures} at={at} />
      </GridCell>
      <Tooltip.Trigger
        handle={rowCard}
        payload={{ path: row.path }}
        delay={250}
        closeOnClick={false}
        render={<GridCell className="deck-memory h-full items-center gap-3" />}
      >
        <Usage bytes={measures.usageBytes} />
        <MemoryBar measures={measures} machineBytes={machineBytes} />
        <span className="sr-only">
          soft limit {sizeText(measures.softBytes)}, hard limit {sizeText(measures.hardBytes)}
        </span>
      </Tooltip.Trigger>
      <GridCell className="text-right">
        <Headroom measures={measures} />
      </GridCell>
      <GridCell className="deck-wide text-right">
        <Growth value={measures.growthPerSec} />
      </GridCell>
      <GridCell className="text-right">
        <Cpu percent={measures.cpuPercent} className={(measures.cpuPercent ?? 0) < 0.05 ? 'text-quiet' : undefined} />
      </GridCell>
      <GridCell className="min-w-0">
        <Sparkline path={row.path} of={spark} />
      </GridCell>
      <GridCell className="deck-wide text-right">
        <Count of={measures.tasks} />
      </GridCell>
      <GridCell className="deck-wide text-right">
        <Count of={measures.limitHits} />
      </GridCell>
      <GridCell>
        <Pressure measures={measures} />
      </GridCell>
    </GridRow>
  );
});
