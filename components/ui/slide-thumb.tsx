// The thumb of a logarithmic slider: moved by pointer or keys, applied on release or Enter, reset on Escape or when focus leaves.
'use client';
import { type KeyboardEvent, type PointerEvent, type ReactNode, type RefObject, useRef } from 'react';

export type SlideStep = 'up' | 'down' | 'page-up' | 'page-down' | 'home' | 'end';

const STEPS: Record<string, SlideStep> = {
  ArrowRight: 'up',
  ArrowUp: 'up',
  ArrowLeft: 'down',
  ArrowDown: 'down',
  PageUp: 'page-up',
  PageDown: 'page-down',
  Home: 'home',
  End: 'end',
};

export interface SlideThumbProps {
  readonly label: string;
  /** The value for screen readers. */
  readonly valueText: string;
  /** Its place on the track, 0 to 1. */
  readonly place: number;
  readonly track: RefObject<HTMLDivElement | null>;
  /** Moved, and not applied yet. */
  readonly held: boolean;
  readonly off: boolean;
  readonly pending: boolean;
  readonly reason: string | undefined;
  readonly onHold: () => void;
  readonly onPlace: (place: number) => void;
  readonly onStep: (step: SlideStep) => void;
  readonly onApply: () => void;
  readonly onCancel: () => void;
  readonly className: string;
  readonly 'data-thumb'?: string;
  readonly children: ReactNode;
}

export function SlideThumb({ label, valueText, place, track, held, off, pending, reason, children, ...props }: SlideThumbProps) {
  const { onHold, onPlace, onStep, onApply, onCancel, ...rest } = props;
  /** Where on the handle the pointer is, so that the thumb does not jump to it. */
  const grip = useRef<number | undefined>(undefined);
  const placeUnder = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect();
    return box && box.width > 0 ? (event.clientX - box.left) / box.width : 0;
  };
  const giveUp = () => {
    grip.current = undefined;
    onCancel();
  };
  const press = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step && !off) onStep(step);
    else if (event.key === 'Enter' && held) onApply();
    else if (event.key === 'Escape' && held) giveUp();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={1000}
      aria-valuenow={Math.round(place * 1000)}
      aria-valuetext={valueText}
      aria-disabled={off || undefined}
      aria-busy={pending || undefined}
      aria-orientation="horizontal"
      title={reason}
      style={{ left: `${place * 100}%` }}
      onPointerDown={(event) => {
        if (off || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        grip.current = placeUnder(event) - place;
        onHold();
      }}
      onPointerMove={(event) => {
        if (grip.current !== undefined) onPlace(placeUnder(event) - grip.current);
      }}
      onPointerUp={() => {
        if (grip.current === undefined) return;
        grip.current = undefined;
        onApply();
      }}
      onPointerCancel={giveUp}
      onKeyDown={press}
      onBlur={() => held && grip.current === undefined && giveUp()}
      {...rest}
    >
      {children}
    </div>
  );
}
