// One small bar for each CPU of the machine, and how busy all of them are together.
'use client';
import { useEffect, useRef } from 'react';
import { formatPercent } from '../../server/contract/units.ts';
import type { GroupLive } from '../live/hooks.ts';
import { Figure } from '../ui/figure.tsx';
import { Cell } from './cell.tsx';
import { asBars, coreLoads } from './host-readings.ts';

const MOST_BARS = 32;

export function CoreBars({ root }: { readonly root: GroupLive | undefined }) {
  const loads = root ? coreLoads(root.before, root.now) : [];
  const known = loads.filter((load) => load !== undefined);
  const bars = asBars(loads, MOST_BARS);
  const mean = known.length === 0 ? undefined : (100 * known.reduce((sum, load) => sum + load, 0)) / known.length;
  return (
    <Cell label={loads.length === 0 ? 'CPU' : `CPU, ${loads.length} ${loads.length === 1 ? 'core' : 'cores'}`} className="min-w-20">
      <span className="flex items-center gap-2">
        <span aria-hidden className="flex h-4 items-end gap-px">
          {bars.map((load, core) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a core is its place
            <CoreBar key={core} load={load} wide={bars.length <= 8} />
          ))}
        </span>
        <Figure quantity={mean === undefined ? undefined : formatPercent(mean)} unit={1} />
      </span>
    </Cell>
  );
}

/** React renders it once: the effect moves the bar. */
const IDLE = { transform: 'scaleY(0)' };

function CoreBar({ load, wide }: { readonly load: number | undefined; readonly wide: boolean }) {
  const fill = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    if (fill.current) fill.current.style.transform = `scaleY(${load ?? 0})`;
  }, [load]);
  return (
    <span className={wide ? 'h-4 w-1.5 overflow-hidden rounded-[1px] bg-line' : 'h-4 w-[3px] overflow-hidden bg-line'}>
      <span ref={fill} className="block h-full origin-bottom bg-usage transition-transform duration-150" style={IDLE} />
    </span>
  );
}
