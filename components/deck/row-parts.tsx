// The parts that a table row and a phone row share: state, name, headroom, pressure.
'use client';
import { ChevronRight } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { formatBytes, formatPercent } from '../../server/contract/units.ts';
import { countdown } from '../guard/held.ts';
import { goToHold } from '../guard/held-now.ts';
import { cx } from '../ui/classes.ts';
import { Figure } from '../ui/figure.tsx';
import { FrozenGlyph, HeldGlyph, OomGlyph, PressureGlyph, RunningGlyph, StateGlyph } from '../ui/glyphs.tsx';
import { type Measures, nearLimit } from './measures.ts';
import type { Pending, Verb } from './pending.ts';
import type { Row } from './tree.ts';
import { timeLeft } from './words.ts';

const DOING: Record<Verb, ReactNode> = {
  freeze: <FrozenGlyph freezing label="Being frozen" />,
  thaw: <RunningGlyph className="pending" label="Being thawed" />,
  kill: <OomGlyph className="pending" label="Being killed" />,
  remove: <OomGlyph className="pending" label="Being removed" />,
};

/** The state that the kernel last reported, or the action under way. */
export function RowState({ measures, pending }: { readonly measures: Measures; readonly pending: Pending | undefined }) {
  if (pending && pending.state === undefined) return DOING[pending.verb];
  if (measures.held === 'itself') return <HeldGlyph label="Held by its guard, waiting for a decision" />;
  if (measures.held === 'above') return <HeldGlyph className="opacity-60" label="Stopped with a group above it, which its guard holds" />;
  const state = pending?.state ?? measures.state;
  if (measures.oomLately && !measures.underOom && state === 'thawed') return <OomGlyph label="OOM kill within the last minute" />;
  return (
    <StateGlyph
      state={state}
      underOom={measures.underOom}
      empty={measures.tasks === 0 || (measures.tasks === undefined && measures.processes === 0)}
    />
  );
}

export interface RowNameProps {
  readonly row: Row;
  readonly managed: boolean;
  readonly onFold: (path: string, folded: boolean) => void;
}

const INDENT_PX = 14;

export const RowName = memo(function RowName({ row, managed, onFold }: RowNameProps) {
  const slash = row.name.lastIndexOf('/');
  return (
    <span className="flex min-w-0 items-center" style={{ paddingLeft: row.depth * INDENT_PX }}>
      {row.children > 0 ? (
        <button
          type="button"
          tabIndex={-1}
          aria-label={row.folded ? `Unfold ${row.path}` : `Fold ${row.path}`}
          onClick={(event) => {
            event.stopPropagation();
            onFold(row.path, !row.folded);
          }}
          className="-ml-1 flex size-5 shrink-0 items-center justify-center rounded-sm text-quiet hover:bg-line hover:text-text"
        >
          <ChevronRight aria-hidden className={cx('size-3.5 transition-transform duration-100', !row.folded && 'rotate-90')} />
        </button>
      ) : (
        <span className="w-4 shrink-0" />
      )}
      <span title={row.path} className={cx('truncate', row.path !== '/' && managed && row.matches ? 'text-text' : 'text-quiet')}>
        {row.path === '/' ? (
          'The machine'
        ) : slash < 0 ? (
          row.name
        ) : (
          <>
            <span className="text-quiet">{row.name.slice(0, slash + 1)}</span>
            {row.name.slice(slash + 1)}
          </>
        )}
      </span>
      {row.folded && <span className="ml-1.5 shrink-0 text-xs text-quiet">{row.children}</span>}
    </span>
  );
});

export function Headroom({ measures }: { readonly measures: Measures }) {
  const near = nearLimit(measures);
  if (measures.headroomBytes === undefined) return <span className="text-quiet">–</span>;
  return <Figure quantity={formatBytes(measures.headroomBytes)} className={near ? 'font-semibold text-hard' : undefined} />;
}

/** Less than this left is shown as trouble. */
const SOON_SEC = 60;

/** When the first limit is met; its digits have a fixed place. */
export function FullIn({ measures: { fullInSec } }: { readonly measures: Measures }) {
  if (fullInSec === undefined) return null;
  return <Figure quantity={timeLeft(fullInSec)} digits={3} className={fullInSec <= SOON_SEC ? 'font-semibold text-hard' : undefined} />;
}

/** How long a held group still waits for a decision; a press goes there. */
export function Held({ path, decidesInSec }: Pick<Measures, 'path'> & { readonly decidesInSec: number }) {
  return (
    <button
      type="button"
      tabIndex={-1}
      aria-label={`Decide about ${path}: its guard decides in ${countdown(decidesInSec * 1000)}`}
      onClick={(event) => {
        event.stopPropagation();
        goToHold(path);
      }}
      className="inline-flex h-5 items-center gap-1.5 rounded-sm border border-frozen/60 bg-frozen-soft px-1.5 whitespace-nowrap text-text hover:border-frozen"
    >
      <span className="font-medium">Held</span>
      <span className="min-w-[4ch] text-right font-semibold">{countdown(decidesInSec * 1000)}</span>
    </button>
  );
}

/** PSI in percent beside the bars of the last minute’s pressure events; empty without pressure. */
export function Pressure({ measures }: { readonly measures: Measures }) {
  const { psiMemory, pressure } = measures;
  const calm = (psiMemory ?? 0) < 0.05;
  return (
    <span className="flex items-center justify-end gap-1.5">
      {calm && !pressure ? <span className="text-quiet">{psiMemory === undefined ? '–' : '0'}</span> : <Percent of={psiMemory} />}
      <span className="size-4">{pressure && <PressureGlyph level={pressure} label={`${pressure} pressure within the last minute`} />}</span>
    </span>
  );
}

export function Percent({ of, className }: { readonly of: number | undefined; readonly className?: string | undefined }) {
  return <Figure quantity={of === undefined ? undefined : formatPercent(of)} unit={1} className={className} />;
}

export function Usage({ bytes, className }: { readonly bytes: number | undefined; readonly className?: string }) {
  return <Figure quantity={bytes === undefined ? undefined : formatBytes(bytes)} className={className} />;
}
