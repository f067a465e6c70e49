// The memory rail of a live group: readings in, limits out, and the kernel’s answer to each.
'use client';
import { useState } from 'react';
import { effectiveMeasure, limitHits, memoryUsage } from '../../../server/contract/derive.ts';
import type { GuardedGroup } from '../../../server/contract/guards.ts';
import { amountOf, keyOn, measureOf } from '../../../server/contract/quantities.ts';
import { formatBytes, formatCount, type Quantity } from '../../../server/contract/units.ts';
import { guardWords, withoutGuard } from '../../guard/own-limit.ts';
import { type GroupLive, useHost, useReadingsOf, useSpark, useVersionOf } from '../../live/hooks.ts';
import { cx } from '../../ui/classes.ts';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useWhyAbsent } from '../absent.ts';
import { type RailFacts, railFacts, sizeOf } from './facts.ts';
import { MemoryRail, type RailThumbView } from './memory-rail.tsx';
import type { Thumb } from './prediction.ts';
import { RailStatus } from './rail-status.tsx';
import { Reclaim } from './reclaim.tsx';
import { SizeField } from './size-field.tsx';
import { type ThumbControl, useThumb } from './use-thumb.ts';

export interface GroupRailProps {
  readonly live: GroupLive;
  /** Why nothing can be moved. */
  readonly reason: string | undefined;
  readonly guarded: GuardedGroup | undefined;
}

export function GroupRail({ live: seen, reason, guarded }: GroupRailProps) {
  const host = useHost();
  const readingsOf = useReadingsOf();
  const spark = useSpark(seen.entry.path);
  const version = useVersionOf(seen.entry)('memory');
  const live = { ...seen, readings: withoutGuard(seen.readings, guarded, version) };
  const { readings, entry } = live;
  // The root group has no usage of its own on v2: it is the whole machine.
  const lacks = useWhyAbsent(entry, keyOn('memory-usage', version) ?? '', version);
  const absent = entry.path === '/' ? undefined : lacks;
  if (!host) return <Skeleton className="h-64" />;
  const facts = railFacts({
    path: entry.path,
    version,
    readings,
    readingsOf,
    host,
    growthPerSec: live.state === 'frozen' ? undefined : spark?.growthPerSec(),
  });
  return <Rail key={`${entry.path}:${entry.inode}`} live={live} reason={reason} guarded={guarded} facts={facts} absent={absent} />;
}

interface RailProps extends GroupRailProps {
  readonly facts: RailFacts;
  /** Why the group's memory is not counted. */
  readonly absent: string | undefined;
}

function Rail({ live, reason, guarded, facts, absent }: RailProps) {
  const [last, setLast] = useState<{ readonly thumb: Thumb; readonly byHand: boolean }>();
  const { readings, entry } = live;
  const of = (thumb: Thumb, quantity: 'memory-hard-limit' | 'memory-soft-limit') => ({
    group: { path: entry.path, inode: entry.inode },
    guarded: guarded !== undefined,
    thumb,
    facts,
    reading: sizeOf(measureOf(quantity, readings)),
    seq: live.atMs,
  });
  const hard = useThumb(of('hard', 'memory-hard-limit'));
  const soft = useThumb(of('soft', 'memory-soft-limit'));
  const touched = last && (last.thumb === 'hard' ? hard : soft);
  // The root has the files and takes no limit (EINVAL).
  const why = entry.path === '/' ? 'The root group has no limits: it is the whole machine.' : (reason ?? absent);
  const view = (thumb: Thumb, control: ThumbControl): RailThumbView | undefined =>
    control.size === undefined
      ? undefined
      : {
          size: control.size,
          phase: control.state.phase,
          reason: why,
          prediction: control.prediction?.sentence,
          onApply: () => void control.apply(),
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
        usageBytes={memoryUsage(readings)}
        reclaimableBytes={facts.reclaimableBytes}
        peakBytes={amountOf('memory-peak', readings)}
        protectedBytes={facts.protectedBytes}
        ancestor={facts.ancestor}
        lineBytes={guarded?.lineBytes}
        state={live.state}
        hard={view('hard', hard)}
        soft={view('soft', soft)}
      />
      <div className="mt-3 flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="flex flex-col gap-2 max-sm:w-full">
          {field('soft', soft)}
          {field('hard', hard)}
          {facts.version === 2 && <Reclaim group={entry} reason={why} />}
        </div>
        <div className="min-w-64 flex-1 pt-1.5">
          <RailStatus
            facts={facts}
            absent={absent}
            guard={guardWords(guarded, facts.hard)}
            frozen={live.state === 'frozen'}
            touched={
              touched && last
                ? {
                    ...last,
                    state: touched.state,
                    prediction: touched.prediction,
                    undo: ({ answer }) => void touched.set(undoSize(answer.old), answer.new),
                  }
                : undefined
            }
          />
        </div>
      </div>
    </div>
  );
}

/** `#limits` in the address focuses the hard limit: the deck’s key for limits leads here. */
function toHardLimit(rail: HTMLElement | null): void {
  if (rail && window.location.hash === '#limits') rail.querySelector<HTMLElement>('[data-thumb=hard]')?.focus();
}

function undoSize(old: string): number | 'max' {
  const size = Number(old);
  return Number.isSafeInteger(size) && size >= 0 ? size : 'max';
}

/** The values over the rail: usage, headroom, growth. */
function Stats({ live, facts }: { readonly live: GroupLive; readonly facts: RailFacts }) {
  const readingsOf = useReadingsOf();
  const { readings, entry } = live;
  const limit = effectiveMeasure(entry.path, 'memory-hard-limit', readingsOf);
  const bytes = (value: number | undefined) => (value === undefined ? undefined : formatBytes(value));
  const bound = typeof limit.value === 'number' ? Math.min(limit.value, facts.memoryBytes) : facts.memoryBytes;
  const usage = memoryUsage(readings);
  const hits = limitHits(readings);
  const slowed = amountOf('memory-soft-limit-hits', readings);
  return (
    <dl className="mb-3 flex flex-wrap gap-x-8 gap-y-2 max-sm:grid max-sm:grid-cols-3 max-sm:gap-x-2">
      <Stat label="In use" width="w-[92px]" big swatch="bg-usage" quantity={bytes(usage)} />
      <Stat label="Headroom" width="w-[92px]" big quantity={bytes(usage === undefined ? undefined : Math.max(0, bound - usage))} />
      <Stat label="Growth" width="w-[92px]" quantity={bytes(facts.growthPerSec)} per="/s" />
      <Stat
        label="Reclaimable"
        width="w-[80px]"
        swatch="hatch bg-usage-soft [--hatch:var(--color-usage)]"
        quantity={bytes(facts.reclaimableBytes)}
      />
      <Stat label="Peak" width="w-[80px]" swatch="w-[2px]! bg-text" quantity={bytes(amountOf('memory-peak', readings))} />
      {facts.protectedBytes !== undefined && (
        <Stat
          label="Protected"
          width="w-[80px]"
          swatch="h-[5px]! border-t border-r-2 border-text bg-text/25"
          quantity={formatBytes(facts.protectedBytes)}
        />
      )}
      <Stat label="Limit hits" width="w-[64px]" quantity={hits === undefined ? undefined : formatCount(hits)} />
      {slowed !== undefined && <Stat label="Slowed down" width="w-[72px] max-sm:hidden" quantity={formatCount(slowed)} />}
    </dl>
  );
}

interface StatProps {
  readonly label: string;
  /** Fixed, so that a changing value moves nothing. */
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
