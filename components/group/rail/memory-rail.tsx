// The memory rail: one wide logarithmic track with usage as its fill and the two limits as thumbs. It knows no group and writes nothing.
'use client';
import { useRef } from 'react';
import { cx } from '../../ui/classes.ts';
import type { Thumb } from './prediction.ts';
import { RailThumb, type RailThumbProps } from './rail-thumb.tsx';
import { RailScale, RailTrack, type RailTrackProps } from './rail-track.tsx';
import { positionOf, type Size } from './scale.ts';
import { sizeText } from './size-text.ts';

export type RailThumbView = Omit<RailThumbProps, 'thumb' | 'memoryBytes' | 'track'>;

export interface MemoryRailProps extends RailTrackProps {
  readonly hard?: RailThumbView | undefined;
  readonly soft?: RailThumbView | undefined;
}

export function MemoryRail({ hard, soft, ...track }: MemoryRailProps) {
  const ref = useRef<HTMLDivElement>(null);
  const { memoryBytes } = track;
  return (
    <div className="select-none">
      {/* 20 px for each thumb's handle and value, 44 px for the track between. */}
      <div ref={ref} className={cx('relative', soft ? 'h-[84px]' : 'h-[68px]')}>
        <div className="absolute inset-x-0 top-[20px] h-[44px]">
          <RailTrack {...track} />
        </div>
        {soft && <Flag thumb="soft" size={soft.size} phase={soft.phase} memoryBytes={memoryBytes} />}
        {hard && <Flag thumb="hard" size={hard.size} phase={hard.phase} memoryBytes={memoryBytes} />}
        {soft && <RailThumb thumb="soft" {...soft} memoryBytes={memoryBytes} track={ref} />}
        {hard && <RailThumb thumb="hard" {...hard} memoryBytes={memoryBytes} track={ref} />}
      </div>
      <RailScale memoryBytes={memoryBytes} />
    </div>
  );
}

interface FlagProps {
  readonly thumb: Thumb;
  readonly size: Size;
  readonly phase: RailThumbView['phase'];
  readonly memoryBytes: number;
}

/** A thumb’s value beside its handle, on the side that has room. */
function Flag({ thumb, size, phase, memoryBytes }: FlagProps) {
  const place = positionOf(size, memoryBytes);
  const hard = thumb === 'hard';
  const leftSide = place > 0.5;
  return (
    <span
      aria-hidden
      className={cx(
        'pointer-events-none absolute text-xs leading-none whitespace-nowrap',
        hard ? 'top-[3px] text-hard' : 'bottom-[3px] text-soft',
        leftSide ? '-translate-x-full pr-[14px]' : 'pl-[14px]',
        phase !== 'idle' && 'font-semibold',
      )}
      style={{ left: `${place * 100}%` }}
    >
      <span className="text-quiet">{hard ? 'hard' : 'soft'} </span>
      {size === 'max' ? 'max' : sizeText(size)}
    </span>
  );
}
