// One row of the table.
'use client';
import { Check } from 'lucide-react';
import { memo } from 'react';
import { formatBytes, formatCount } from '../../server/contract/units.ts';
import { cx } from '../ui/classes.ts';
import { Figure } from '../ui/figure.tsx';
import { later } from '../ui/later.tsx';
import { Tip } from '../ui/tooltip.tsx';
import { GridCell, GridRow, type RowProps } from './grid.tsx';
import type { Measures } from './measures.ts';
import { MemoryBar } from './memory-bar.tsx';
import { RowActions } from './row-actions.tsx';
import { FullIn, Headroom, Held, Percent, Pressure, RowName, RowState, Usage } from './row-parts.tsx';
import { Sparkline } from './sparkline.tsx';
import { useDeckActions } from './use-actions.ts';
import { sizeText } from './words.ts';

const RowCard = later(async () => (await import('./row-card.tsx')).RowCard);

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

/** A selected group still shows that it is frozen or out of memory; that it is selected is visible from the row’s colour. */
const stateMatters = ({ state, underOom, held }: Measures) => state !== 'thawed' || underOom || held !== undefined;

export const DeckRow = memo(function DeckRow(props: RowProps) {
  const { row, at, selected, spark, machineBytes, onToggle, onFold } = props;
  const { actions } = useDeckActions();
  return (
    <GridRow {...props} className="deck-grid group/row h-(--row-height) items-center pl-2 text-sm hover:bg-hover">
      {(measures, pending) => (
        <>
          <GridCell className="flex h-full items-center justify-center" onClick={(event) => onToggle(row.path, event)}>
            <span
              className={cx(
                'size-4 items-center justify-center rounded-sm border',
                selected && 'border-text bg-text text-surface',
                selected && !stateMatters(measures) ? 'flex' : 'hidden group-hover/row:flex',
                !selected && 'border-line-strong',
              )}
            >
              {selected && <Check aria-hidden className="size-3" strokeWidth={3} />}
            </span>
            <span className={selected && !stateMatters(measures) ? 'hidden' : 'flex group-hover/row:hidden'}>
              <RowState measures={measures} pending={pending} />
            </span>
          </GridCell>
          <GridCell className="relative flex h-full min-w-0 items-center">
            <RowName row={row} managed={measures.managed || row.path === '/'} onFold={onFold} />
            <RowActions path={row.path} still={measures.state !== 'thawed'} reason={actions.reason(measures)} at={at} />
          </GridCell>
          <Tip look="card" side="bottom" text={<RowCard path={row.path} />}>
            <GridCell className="deck-memory h-full items-center gap-3">
              <Usage bytes={measures.usageBytes} />
              <MemoryBar measures={measures} machineBytes={machineBytes} />
              <span className="sr-only">
                soft limit {sizeText(measures.softBytes)}, hard limit {sizeText(measures.hardBytes)}
              </span>
            </GridCell>
          </Tip>
          {measures.decidesInSec === undefined ? (
            <>
              <GridCell className="text-right">
                <Headroom measures={measures} />
              </GridCell>
              <GridCell className="text-right">
                <FullIn measures={measures} />
              </GridCell>
            </>
          ) : (
            <GridCell aria-colspan={2} className="col-span-2 flex justify-end">
              <Held path={row.path} decidesInSec={measures.decidesInSec} />
            </GridCell>
          )}
          <GridCell className="deck-wide text-right">
            <Growth value={measures.growthPerSec} />
          </GridCell>
          <GridCell className="text-right">
            <Percent of={measures.cpuPercent} className={(measures.cpuPercent ?? 0) < 0.05 ? 'text-quiet' : undefined} />
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
        </>
      )}
    </GridRow>
  );
});
