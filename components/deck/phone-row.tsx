// One row on a phone: the name and its values above, the bar below. A tap opens the group.
'use client';
import { memo } from 'react';
import { cx } from '../ui/classes.ts';
import { PressureGlyph } from '../ui/glyphs.tsx';
import type { RowProps } from './deck-row.tsx';
import { GridCell, GridRow } from './grid.tsx';
import { MemoryBar } from './memory-bar.tsx';
import { usePending } from './pending.ts';
import { Cpu, Headroom, RowName, RowState, rowTone, Usage } from './row-parts.tsx';
import { useMeasures } from './use-deck.ts';

export const PhoneRow = memo(function PhoneRow({ row, index, at, selected, machineBytes, onPress, onToggle, onFold }: RowProps) {
  const measures = useMeasures(row.path);
  const pending = usePending(row.path);
  if (!measures) return null;
  return (
    <GridRow
      row={row}
      index={index}
      at={at}
      selected={selected}
      onPress={onPress}
      className={cx(
        'grid h-14 grid-cols-[40px_minmax(0,1fr)_auto] content-center gap-y-0.5 border-b border-line/60 pr-4',
        rowTone(measures, pending),
      )}
    >
      <GridCell
        aria-label={`Select ${row.path}`}
        onClick={(event) => onToggle(row.path, event)}
        className="row-span-2 flex items-center justify-center"
      >
        {selected ? (
          <span className="flex size-5 items-center justify-center rounded-sm bg-text text-xs text-surface">✓</span>
        ) : (
          <RowState measures={measures} pending={pending} />
        )}
      </GridCell>
      <GridCell className="min-w-0 text-base">
        <RowName row={row} managed={measures.managed || row.path === '/'} onFold={onFold} />
      </GridCell>
      <GridCell className="flex items-center gap-2 text-sm">
        {/* Its place is reserved, so that all bars are equally long. */}
        <span className="size-4">
          {measures.pressure && <PressureGlyph level={measures.pressure} label={`${measures.pressure} pressure`} />}
        </span>
        <Cpu percent={measures.cpuPercent} className="text-quiet" />
        <Usage bytes={measures.usageBytes} className="font-medium" />
      </GridCell>
      <GridCell className="pl-4">
        <MemoryBar measures={measures} machineBytes={machineBytes} />
      </GridCell>
      <GridCell className="flex items-center justify-end text-xs text-quiet">
        <Headroom measures={measures} />
        {measures.headroomBytes !== undefined && <span className="ml-1">left</span>}
      </GridCell>
    </GridRow>
  );
});
