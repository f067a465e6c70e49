// The exact values of a group, shown while the pointer rests on its bar.
'use client';
import type { ReactNode } from 'react';
import { keyOn, type Quantity } from '../../server/contract/quantities.ts';
import { formatPercent, quantityText } from '../../server/contract/units.ts';
import { cx } from '../ui/classes.ts';
import type { Measures } from './measures.ts';
import { useMeasures } from './use-deck.ts';
import { sizeText, timeLeft } from './words.ts';

function exact(bytes: number | undefined): ReactNode {
  if (bytes === undefined) return '–';
  return (
    <>
      {sizeText(bytes)} <span className="ml-1 text-quiet">{bytes.toLocaleString('en')}</span>
    </>
  );
}

function psi(value: number | undefined): string {
  return value === undefined ? '–' : quantityText(formatPercent(value));
}

function Binding({ measures }: { readonly measures: Measures }) {
  const { bindingGroup, headroomBytes, path } = measures;
  if (bindingGroup === undefined)
    return (
      <p className="text-quiet">
        {path === '/' ? `${sizeText(headroomBytes)} are available.` : 'No limit: it can use all of the machine’s memory.'}
      </p>
    );
  return (
    <p>
      {sizeText(headroomBytes)} until {bindingGroup === path ? 'its own limit' : <LimitOf group={bindingGroup} />} is hit.
    </p>
  );
}

function LimitOf({ group, file = 'the limit' }: { readonly group: string; readonly file?: string | undefined }) {
  return (
    <>
      {file} of <span className="font-mono">{group}</span>
    </>
  );
}

function Ahead({ measures: { path, fullInSec, fullGroup, fullFile } }: { readonly measures: Measures }) {
  if (fullInSec === undefined || fullGroup === undefined) return null;
  return (
    <p>
      <strong className="font-medium">Full in {quantityText(timeLeft(fullInSec))}</strong> at the last minute’s growth:{' '}
      {fullFile === undefined ? (
        'the machine’s memory'
      ) : fullGroup === path ? (
        `its ${fullFile}`
      ) : (
        <LimitOf group={fullGroup} file={fullFile} />
      )}
      .
    </p>
  );
}

export function RowCard({ path }: { readonly path: string }) {
  const measures = useMeasures(path);
  if (!measures) return <p className="text-quiet">The group was removed.</p>;
  const { memory, softBytes, hardBytes, protectedBytes } = measures;
  const limit = (bytes: number | undefined) => (bytes === undefined ? 'no limit' : exact(bytes));
  const lines: ReadonlyArray<readonly [name: string, of: Quantity, value: ReactNode, mark: string]> = [
    ['Usage', 'memory-usage', exact(measures.usageBytes), 'rounded-[2px] bg-usage'],
    ['Peak', 'memory-peak', exact(measures.peakBytes), 'ml-1 w-px bg-text'],
    ['Soft limit', 'memory-soft-limit', limit(softBytes), 'rounded-[2px] border-[1.5px] border-soft'],
    ['Hard limit', 'memory-hard-limit', limit(hardBytes), 'ml-0.5 w-[3px] bg-hard'],
    ...(protectedBytes ? [['Protected', 'memory-protection', exact(protectedBytes), ''] as const] : []),
  ];
  return (
    <div className="w-104 space-y-2 text-sm">
      <p className="truncate font-mono font-medium">{path}</p>
      <dl className="space-y-0.5">
        {lines.map(([name, of, value, mark]) => (
          <div key={name} className="grid grid-cols-[10px_minmax(0,1fr)_auto] items-baseline gap-x-2">
            <span aria-hidden className={cx('h-2.5 self-center', mark)} />
            <dt className="truncate text-quiet">
              {name}
              {memory !== undefined && <span className="ml-2 font-mono text-2xs">{keyOn(of, memory)}</span>}
            </dt>
            <dd className="text-right whitespace-nowrap">{value}</dd>
          </div>
        ))}
      </dl>
      <Binding measures={measures} />
      <Ahead measures={measures} />
      <p className="flex justify-between border-t border-line pt-2 text-quiet">
        <span>PSI memory {psi(measures.psiMemory)}</span>
        <span>cpu {psi(measures.psiCpu)}</span>
        <span>io {psi(measures.psiIo)}</span>
      </p>
    </div>
  );
}
