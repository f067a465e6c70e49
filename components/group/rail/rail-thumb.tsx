// One thumb of the rail: a limit that can be moved by pointer, by keys, and by a screen reader.
'use client';
import type { RefObject } from 'react';
import { cx } from '../../ui/classes.ts';
import { SlideThumb } from '../../ui/slide-thumb.tsx';
import type { Thumb } from './prediction.ts';
import { positionOf, type Size, sizeAt, stepSize } from './scale.ts';
import { sizeText } from './size-text.ts';

export interface ThumbHandlers {
  readonly onHold: () => void;
  readonly onMove: (size: Size) => void;
  /** Released, or Enter was pressed: apply it. */
  readonly onApply: () => void;
  readonly onCancel: () => void;
}

export interface RailThumbProps extends ThumbHandlers {
  readonly thumb: Thumb;
  /** Its name, where it is not that of the limit. */
  readonly label?: string | undefined;
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

export function RailThumb({ thumb, label, size, phase, reason, prediction, memoryBytes, track, ...on }: RailThumbProps) {
  const off = reason !== undefined || phase === 'pending';
  const held = phase === 'held';
  return (
    <SlideThumb
      label={label ?? NAME[thumb]}
      valueText={prediction === undefined ? sizeText(size) : `${sizeText(size)}. ${prediction}`}
      place={positionOf(size, memoryBytes)}
      track={track}
      held={held}
      off={off}
      pending={phase === 'pending'}
      reason={reason}
      onHold={on.onHold}
      onPlace={(place) => on.onMove(sizeAt(place, memoryBytes))}
      onStep={(step) => on.onMove(stepSize(size, step, memoryBytes))}
      onApply={on.onApply}
      onCancel={on.onCancel}
      data-thumb={thumb}
      className={cx(
        'group/thumb absolute z-10 w-[32px] -translate-x-1/2 touch-none outline-none select-none max-sm:w-[44px]',
        // Each thumb has its own half of the height, so that both can be reached where one is above the other.
        thumb === 'hard' ? 'top-0 bottom-[calc(50%+1px)]' : 'top-[calc(50%+1px)] bottom-0',
        off ? 'cursor-default' : held ? 'cursor-grabbing' : 'cursor-grab',
        held && 'z-20',
      )}
    >
      <Handle thumb={thumb} active={phase !== 'idle'} off={reason !== undefined} pending={phase === 'pending'} />
    </SlideThumb>
  );
}

interface HandleProps {
  readonly thumb: Thumb;
  readonly active: boolean;
  readonly off: boolean;
  readonly pending: boolean;
}

/** Hard: a solid red line with its handle above. Soft: a hollow amber line with its handle below. */
function Handle({ thumb, active, off, pending }: HandleProps) {
  const hard = thumb === 'hard';
  return (
    <>
      {/* The line crosses the whole track, half of which belongs to the other thumb; its rim separates it from the fill. */}
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
