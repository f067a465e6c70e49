// The strip on top: the machine’s load, whether the agent keeps up, and who is logged in.
'use client';
import {
  bytesText,
  durationText,
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  shortDuration,
} from '../../server/contract/units.ts';
import { useConnection, useGroup, useGroupPaths, useHost, useTick } from '../live/hooks.ts';
import { cx } from '../ui/classes.ts';
import { Figure } from '../ui/figure.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Account } from './account.tsx';
import { Cell } from './cell.tsx';
import { ConnectionMark } from './connection-mark.tsx';
import { CoreBars } from './core-bars.tsx';
import { memoryUsed, swapUsed, type Used } from './host-readings.ts';
import { MachineName, MissingMark } from './machine.tsx';
import { PressureCell } from './pressure-cell.tsx';

function UsedCell({ label, used, className }: { readonly label: string; readonly used: Used | undefined; readonly className?: string }) {
  const share = used ? Math.min(1, used.usedBytes / used.totalBytes) : 0;
  return (
    <Cell
      label={label}
      className={cx('w-34', className)}
      hint={used && `${formatPercent(share * 100).figure} % of ${bytesText(used.totalBytes)}`}
    >
      <span className="flex w-full items-center gap-2">
        <span aria-hidden className="h-1.5 flex-1 overflow-hidden rounded-full bg-line">
          <span
            className="block h-full origin-left rounded-full bg-usage transition-transform duration-150"
            style={{ transform: `scaleX(${share})` }}
          />
        </span>
        <Figure quantity={used && formatBytes(used.usedBytes)} />
      </span>
    </Cell>
  );
}

function TickCell() {
  const tick = useTick()?.tick;
  const late = tick?.late ?? 0;
  const hint =
    tick &&
    `Reading all groups took ${durationText(tick.durationMs)} of ${durationText(tick.intervalMs)}. ${late === 0 ? 'No tick was late.' : `${late} ticks began late or were left out since the agent started.`}`;
  return (
    <Cell
      label={tick ? `tick every ${shortDuration(tick.intervalMs)}` : 'tick'}
      className="hidden w-30 @min-[1150px]/strip:flex"
      hint={hint}
    >
      <Figure quantity={tick && formatDuration(tick.durationMs)} digits={4} unit={2} />
      {tick && (
        <span className={cx('ml-2', late > 0 ? 'font-medium text-pressure-critical' : 'text-quiet')}>
          {late > 0 ? `▲ ${formatCount(late).figure} late` : 'on time'}
        </span>
      )}
    </Cell>
  );
}

export function HostStrip() {
  const host = useHost();
  const root = useGroup('/');
  const groups = useGroupPaths().length;
  const { state } = useConnection();
  const readings = root?.readings ?? {};
  const swap = swapUsed(readings);
  return (
    <header className="@container/strip col-start-1 row-start-1 border-b border-line bg-raised md:col-span-2 md:col-start-2">
      <div className="flex h-full items-center gap-5 overflow-hidden px-4 max-sm:gap-4">
        <div className={cx('flex h-full min-w-0 items-center gap-5 overflow-hidden max-sm:gap-4', state === 'stale' && 'stale')}>
          <div className="hidden h-full max-w-36 min-w-20 shrink-0 flex-col justify-center @min-[560px]/strip:flex">
            {host ? <MachineName host={host} /> : <Skeleton className="my-0.5 h-3 w-20" />}
          </div>
          <CoreBars root={root} />
          <UsedCell label="Memory" used={memoryUsed(readings)} className="max-sm:w-26" />
          {swap && <UsedCell label="Swap" used={swap} className="hidden w-28 @min-[700px]/strip:flex" />}
          <div className="hidden h-full items-center gap-3 @min-[960px]/strip:flex">
            <PressureCell label="PSI memory" readings={root?.readings} file="memory.pressure" />
            <PressureCell label="PSI cpu" readings={root?.readings} file="cpu.pressure" />
            <PressureCell label="PSI io" readings={root?.readings} file="io.pressure" />
          </div>
          <Cell label="Groups" className={cx('hidden w-12', swap ? '@min-[1240px]/strip:flex' : '@min-[1030px]/strip:flex')}>
            {root ? groups.toLocaleString('en') : <Skeleton className="h-3 w-8" />}
          </Cell>
          <TickCell />
        </div>
        <div className="ml-auto flex shrink-0 items-center gap-1">
          <MissingMark />
          <ConnectionMark />
          <Account />
        </div>
      </div>
    </header>
  );
}
