// One row on a phone: the name and its values above, the bar below. A tap opens the group.
'use client';
import { memo } from 'react';
import { PressureGlyph } from '../ui/glyphs.tsx';
import { GridCell, GridRow, type RowProps } from './grid.tsx';
import type { Measures } from './measures.ts';
import { MemoryBar } from './memory-bar.tsx';
import { FullIn, Headroom, Held, Percent, RowName, RowState, Usage } from './row-parts.tsx';

/** No wider than the values above it, so that all bars are equally long: "45 s · 382 MiB left". */
function Left({ measures }: { readonly measures: Measures }) {
  if (measures.decidesInSec !== undefined) return <Held path={measures.path} decidesInSec={measures.decidesInSec} />;
  const hasTime = measures.fullInSec !== undefined;
  const hasBytes = measures.headroomBytes !== undefined;
  return (
    <>
      {hasTime && <span className="sr-only">full in</span>}
      <FullIn measures={measures} />
      {hasTime && hasBytes && <span aria-hidden>·</span>}
      {(hasBytes || !hasTime) && <Headroom measures={measures} />}
      {(hasBytes || hasTime) && <span className="ml-1">left</span>}
    </>
  );
}

export const PhoneRow = memo(function PhoneRow(props: RowProps) {
  const { row, selected, machineBytes, onToggle, onFold } = props;
  return (
    <GridRow {...props} className="grid h-14 grid-cols-[40px_minmax(0,1fr)_auto] content-center gap-y-0.5">
      {(measures, pending) => (
        <>
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
            <Percent of={measures.cpuPercent} className="text-quiet" />
            <Usage bytes={measures.usageBytes} className="font-medium" />
          </GridCell>
          <GridCell className="pl-4">
            <MemoryBar measures={measures} machineBytes={machineBytes} />
          </GridCell>
          <GridCell className="flex items-baseline justify-end self-center text-xs text-quiet">
            <Left measures={measures} />
          </GridCell>
        </>
      )}
    </GridRow>
  );
});
