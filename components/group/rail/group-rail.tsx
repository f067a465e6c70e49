// The memory rail of a live group: readings in, limits out, and what the kernel said about each.
'use client';
import { useState } from 'react';
import { effectiveLimit } from '../../../server/contract/derive.ts';
import { formatBytes, formatCount, type Quantity } from '../../../server/contract/units.ts';
import { type GroupLive, useHost, useReadingsOf, useSpark } from '../../live/hooks.ts';
import { cx } from '../../ui/classes.ts';
import { Skeleton } from '../../ui/skeleton.tsx';
import { railFacts, sizeOf } from './facts.ts';
import { MemoryRail, type RailThumbView } from './memory-rail.tsx';
import type { RailFacts, Thumb } from './prediction.ts';
import { RailSays } from './rail-says.tsx';
import { SizeField } from './size-field.tsx';
import { type ThumbControl, useThumb } from './use-thumb.ts';

export interface GroupRailProps {
  readonly live: GroupLive;
  /** Why nothing can be moved. */
  readonly reason: string | undefined;
}

export function GroupRail({ live, reason }: GroupRailProps) {
  const host = useHost();
  const readingsOf = useReadingsOf();
  const spark = useSpark(live.entry.path);
  const { readings, entry } = live;
  if (!host) return <Skeleton className="h-64" />;
  const facts = railFacts({
    path: entry.path,
    readings,
    readingsOf,
    host,
    growthPerSec: live.state === 'frozen' ? undefined : spark?.growthPerSec(),
  });
  return <Rail key={`${entry.path}:${entry.inode}`} live={live} reason={reason} facts={facts} />;
}

function Rail({ live, reason, facts }: GroupRailProps & { readonly facts: RailFacts }) {
  const [last, setLast] = useState<{ readonly thumb: Thumb; readonly byHand: boolean }>();
  const { readings, entry } = live;
  const of = (thumb: Thumb, file: string) => ({ group: entry.path, thumb, facts, reading: sizeOf(readings[file]), seq: live.atMs });
  const hard = useThumb(of('hard', 'memory.limit_in_bytes'));
  const soft = useThumb(of('soft', 'memory.soft_limit_in_bytes'));
  const touched = last && (last.thumb === 'hard' ? hard : soft);
  const peak = readings['memory.max_usage_in_bytes'];
  // The root has the files and takes no limit (EINVAL).
  const why = entry.path === '/' ? 'The root group cannot be limited: it is the machine.' : reason;
  const view = (thumb: Thumb, control: ThumbControl): RailThumbView | undefined =>
    control.size === undefined
      ? undefined
      : {
          size: control.size,
          phase: control.state.phase,
          reason: why,
          prediction: control.prediction?.sentence,
          onLetGo: control.letGo,
          onCancel: control.cancel,
          onHold: () => {
            setLast({ thumb, byHand: true });
            control.hold();
          },
          onMove: (size) => {
            setLast((held) => (held?.thumb === thumb && control.state.phase === 'held' ? held : { thumb, byHand: false }));
            control.move(size);
          },
        };
  const field = (thumb: Thumb, control: ThumbControl) => (
    <SizeField
      thumb={thumb}
      size={control.size}
      reason={why}
      pending={control.state.phase === 'pending'}
      onEnter={(size) => {
        setLast({ thumb, byHand: false });
        void control.set(size);
      }}
    />
  );
  return (
    <div ref={toHardLimit}>
      <Stats live={live} facts={facts} />
      <MemoryRail
        memoryBytes={facts.memoryBytes}
        usageBytes={typeof readings['memory.usage_in_bytes'] === 'number' ? facts.usageBytes : undefined}
        reclaimableBytes={facts.reclaimableBytes}
        peakBytes={typeof peak === 'number' ? peak : undefined}
        ancestor={facts.ancestor}
        state={live.state}
        hard={view('hard', hard)}
        soft={view('soft', soft)}
      />
      <div className="mt-3 flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="flex flex-col gap-2 max-sm:w-full">
          {field('soft', soft)}
          {field('hard', hard)}
        </div>
        <div className="min-w-64 flex-1 pt-1.5">
          <RailSays
            facts={facts}
            frozen={live.state === 'frozen'}
            says={
              touched && last
                ? {
                    ...last,
                    state: touched.state,
                    prediction: touched.prediction,
                    undo: ({ answer }) => void touched.set(undoSize(answer.old)),
                  }
                : undefined
            }
          />
        </div>
      </div>
    </div>
  );
}

/** `#limits` in the address asks for the hard limit: the deck's key for it leads here. */
function toHardLimit(rail: HTMLElement | null): void {
  if (rail && window.location.hash === '#limits') rail.querySelector<HTMLElement>('[data-thumb=hard]')?.focus();
}

function undoSize(old: string): number | 'max' {
  const size = Number(old);
  return Number.isSafeInteger(size) && size >= 0 ? size : 'max';
}

/** The figures over the rail: what is used, how much room is left, where it is heading. */
function Stats({ live, facts }: { readonly live: GroupLive; readonly facts: RailFacts }) {
  const readingsOf = useReadingsOf();
  const { readings, entry } = live;
  const limit = effectiveLimit(entry.path, 'memory.limit_in_bytes', readingsOf);
  const bound = typeof limit.value === 'number' ? Math.min(limit.value, facts.memoryBytes) : facts.memoryBytes;
  const peak = readings['memory.max_usage_in_bytes'];
  const hits = readings['memory.failcnt'];
  const growth = facts.growthPerSec;
  return (
    <dl className="mb-3 flex flex-wrap gap-x-8 gap-y-2 max-sm:grid max-sm:grid-cols-3 max-sm:gap-x-2">
      <Stat label="In use" width="w-[92px]" big swatch="bg-usage" quantity={formatBytes(facts.usageBytes)} />
      <Stat label="Headroom" width="w-[92px]" big quantity={formatBytes(Math.max(0, bound - facts.usageBytes))} />
      <Stat label="Growth" width="w-[92px]" quantity={growth === undefined ? undefined : formatBytes(growth)} per="/s" />
      <Stat
        label="Reclaimable"
        width="w-[80px]"
        swatch="hatch bg-usage-soft [--hatch:var(--usage)]"
        quantity={facts.reclaimableBytes === undefined ? undefined : formatBytes(facts.reclaimableBytes)}
      />
      <Stat label="Peak" width="w-[80px]" swatch="w-[2px]! bg-text" quantity={typeof peak === 'number' ? formatBytes(peak) : undefined} />
      <Stat label="Limit hits" width="w-[64px]" quantity={typeof hits === 'number' ? formatCount(hits) : undefined} />
    </dl>
  );
}

interface StatProps {
  readonly label: string;
  /** Fixed, so that a changing figure moves nothing. */
  readonly width: string;
  readonly quantity: Quantity | undefined;
  readonly big?: boolean;
  readonly swatch?: string;
  readonly per?: string;
}

function Stat({ label, width, quantity, big = false, swatch, per = '' }: StatProps) {
  return (
    <div className={cx(width, 'max-sm:w-auto')}>
      <dt className="flex items-center gap-1.5 text-xs whitespace-nowrap text-quiet">
        {swatch !== undefined && <span aria-hidden className={cx('size-[9px] rounded-[2px]', swatch)} />}
        {label}
      </dt>
      <dd className={cx('leading-[30px] whitespace-nowrap', big ? 'text-2xl font-semibold tracking-tight' : 'text-lg')}>
        {quantity?.figure ?? '–'}
        {quantity && (
          <span className="ml-1 text-[12px] font-normal tracking-normal text-quiet">
            {quantity.unit}
            {per}
          </span>
        )}
      </dd>
    </div>
  );
}
