// One thumb of the rail: a limit that can be taken by hand, by keys, and by a screen reader.
'use client';
import { type KeyboardEvent, type PointerEvent, type RefObject, useRef } from 'react';
import { cx } from '../../ui/classes.ts';
import type { Thumb } from './prediction.ts';
import { positionOf, type Size, type Step, sizeAt, stepSize } from './scale.ts';
import { sizeText } from './size-text.ts';

export interface ThumbHandlers {
  readonly onHold: () => void;
  readonly onMove: (size: Size) => void;
  /** The hand is off, or Enter was pressed: write it. */
  readonly onLetGo: () => void;
  readonly onCancel: () => void;
}

export interface RailThumbProps extends ThumbHandlers {
  readonly thumb: Thumb;
  readonly size: Size;
  readonly phase: 'idle' | 'held' | 'asking' | 'pending';
  /** Why it cannot be moved. */
  readonly reason?: string | undefined;
  /** What it would do, for a screen reader; only while it is held. */
  readonly prediction?: string | undefined;
  readonly memoryBytes: number;
  readonly track: RefObject<HTMLDivElement | null>;
}

const NAME: Record<Thumb, string> = { hard: 'Hard limit', soft: 'Soft limit' };

const STEPS: Record<string, Step> = {
  ArrowRight: 'up',
  ArrowUp: 'up',
  ArrowLeft: 'down',
  ArrowDown: 'down',
  PageUp: 'page-up',
  PageDown: 'page-down',
  Home: 'home',
  End: 'end',
};

export function RailThumb({ thumb, size, phase, reason, prediction, memoryBytes, track, ...on }: RailThumbProps) {
  /** Where on the handle it was taken, so that it does not jump under the hand. */
  const grip = useRef<number | undefined>(undefined);
  const place = positionOf(size, memoryBytes);
  const off = reason !== undefined || phase === 'pending';

  const positionUnder = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect();
    return box && box.width > 0 ? (event.clientX - box.left) / box.width : 0;
  };
  const take = (event: PointerEvent<HTMLDivElement>) => {
    if (off || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    grip.current = positionUnder(event) - place;
    on.onHold();
  };
  const drag = (event: PointerEvent) => {
    if (grip.current !== undefined) on.onMove(sizeAt(positionUnder(event) - grip.current, memoryBytes));
  };
  const release = () => {
    if (grip.current === undefined) return;
    grip.current = undefined;
    on.onLetGo();
  };
  const giveUp = () => {
    grip.current = undefined;
    on.onCancel();
  };
  const press = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step && !off) on.onMove(stepSize(size, step, memoryBytes));
    else if (event.key === 'Enter' && phase === 'held') on.onLetGo();
    else if (event.key === 'Escape' && phase === 'held') giveUp();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const hard = thumb === 'hard';
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={NAME[thumb]}
      aria-valuemin={0}
      aria-valuemax={1000}
      aria-valuenow={Math.round(place * 1000)}
      aria-valuetext={prediction === undefined ? sizeText(size) : `${sizeText(size)}. ${prediction}`}
      aria-disabled={off || undefined}
      aria-busy={phase === 'pending' || undefined}
      aria-orientation="horizontal"
      title={reason}
      data-thumb={thumb}
      onPointerDown={take}
      onPointerMove={drag}
      onPointerUp={release}
      onPointerCancel={giveUp}
      onKeyDown={press}
      onBlur={() => phase === 'held' && grip.current === undefined && giveUp()}
      className={cx(
        'group/thumb absolute z-10 w-[32px] -translate-x-1/2 touch-none outline-none select-none max-sm:w-[44px]',
        // Each thumb has its own half, so that both can be taken where they stand one above the other.
        hard ? 'top-0 bottom-[calc(50%+1px)]' : 'top-[calc(50%+1px)] bottom-0',
        off ? 'cursor-default' : phase === 'held' ? 'cursor-grabbing' : 'cursor-grab',
        phase === 'held' && 'z-20',
      )}
      style={{ left: `${place * 100}%` }}
    >
      <Handle thumb={thumb} active={phase !== 'idle'} off={reason !== undefined} pending={phase === 'pending'} />
    </div>
  );
}

interface HandleProps {
  readonly thumb: Thumb;
  readonly active: boolean;
  readonly off: boolean;
  readonly pending: boolean;
}

/** Hard: a solid red wall with its handle above. Soft: a hollow amber line with its handle below. */
function Handle({ thumb, active, off, pending }: HandleProps) {
  const hard = thumb === 'hard';
  return (
    <>
      {/* The line runs through the whole track, half of which is the other thumb's ground; its rim keeps it apart from the fill. */}
      <span
        aria-hidden
        className={cx(
          'absolute left-1/2 flex h-[44px] -translate-x-1/2 justify-center bg-surface px-px',
          hard ? 'top-[20px]' : 'bottom-[20px]',
          pending && 'pending',
        )}
      >
        <span className={hard ? 'w-[3px] bg-hard' : 'border-l-2 border-dashed border-soft'} />
      </span>
      <span
        aria-hidden
        className={cx(
          'absolute left-1/2 flex size-[14px] -translate-x-1/2 rotate-45 rounded-[3px] border-2 transition-transform duration-100',
          'group-focus-visible/thumb:outline-2 group-focus-visible/thumb:outline-offset-2 group-focus-visible/thumb:outline-text',
          hard ? 'top-[13px] border-hard bg-hard' : 'bottom-[13px] border-soft bg-surface',
          active && 'scale-125',
          !off && 'group-hover/thumb:scale-125',
          pending && 'pending',
        )}
      />
    </>
  );
}
