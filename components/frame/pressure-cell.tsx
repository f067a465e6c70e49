// Pressure stall information (PSI) of the whole machine: the share of the last 10 s in which some task waited.
'use client';
import type { Readings } from '../../server/contract/readings.ts';
import { formatPercent } from '../../server/contract/units.ts';
import { Figure } from '../ui/figure.tsx';
import { PressureGlyph } from '../ui/glyphs.tsx';
import { Cell } from './cell.tsx';
import { psiLevel } from './psi.ts';

export function PressureCell({
  label,
  readings,
  file,
}: {
  readonly label: string;
  readonly readings: Readings | undefined;
  readonly file: string;
}) {
  const some = readings?.[`${file}:some.avg10`];
  const full = readings?.[`${file}:full.avg10`];
  const level = typeof some === 'number' ? psiLevel(some) : undefined;
  const hint =
    typeof some === 'number'
      ? `In ${some} % of the last 10 s at least one task waited${typeof full === 'number' ? `, in ${full} % all of them did` : ''}.`
      : readings && 'This kernel has no such reading.';
  return (
    <Cell label={label} className="w-18" hint={hint}>
      <Figure quantity={typeof some === 'number' ? formatPercent(some) : undefined} unit={1} />
      <span className="ml-1 size-4">{level && <PressureGlyph level={level} label={level} />}</span>
    </Cell>
  );
}
