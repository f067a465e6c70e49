// One rate as a logarithmic slider: taken by hand or by keys, written when it is let go, and what is in force stays in sight.
'use client';
import { type KeyboardEvent, type PointerEvent, useId, useRef, useState } from 'react';
import type { Problem } from '../../../server/contract/problems.ts';
import { cx } from '../../ui/classes.ts';
import { ValueInput } from '../value-input.tsx';
import { parseRate, placeOfRate, type Rate, type RateStep, rateAtPlace, rateInput, rateText, rateTicks, stepRate } from './rate.ts';

const STEPS: Record<string, RateStep> = {
  ArrowRight: 'up',
  ArrowUp: 'up',
  ArrowLeft: 'down',
  ArrowDown: 'down',
  PageUp: 'page-up',
  PageDown: 'page-down',
  Home: 'home',
  End: 'end',
};

export interface RateSliderProps {
  readonly label: string;
  /** What the way means: "what it sends". */
  readonly about: string;
  readonly inForce: Rate;
  /** Bits a second that pass now; undefined while it is not known. */
  readonly now: number | undefined;
  readonly pending: boolean;
  readonly problem: Problem | undefined;
  readonly reason: string | undefined;
  readonly onSet: (rate: Rate) => void;
}

export function RateSlider({ label, about, inForce, now, pending, problem, reason, onSet }: RateSliderProps) {
  const id = useId();
  const track = useRef<HTMLDivElement>(null);
  const grip = useRef<number | undefined>(undefined);
  const [held, setHeld] = useState<Rate>();
  const [draft, setDraft] = useState<string>();
  const off = reason !== undefined || pending;
  const shown = held === undefined ? inForce : held;
  const place = placeOfRate(shown);
  const parsed = draft === undefined || draft.trim() === '' ? undefined : parseRate(draft);

  const placeUnder = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect();
    return box && box.width > 0 ? (event.clientX - box.left) / box.width : 0;
  };
  const letGo = (rate: Rate | undefined) => {
    setHeld(undefined);
    if (rate !== undefined && rate !== inForce) onSet(rate);
  };
  const take = (event: PointerEvent<HTMLDivElement>) => {
    if (off || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    grip.current = placeUnder(event) - place;
    setHeld(shown);
  };
  const drag = (event: PointerEvent) => {
    if (grip.current !== undefined) setHeld(rateAtPlace(placeUnder(event) - grip.current));
  };
  const release = () => {
    if (grip.current === undefined) return;
    grip.current = undefined;
    letGo(held);
  };
  const giveUp = () => {
    grip.current = undefined;
    setHeld(undefined);
  };
  const press = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step && !off) setHeld(stepRate(shown, step));
    else if (event.key === 'Enter' && held !== undefined) letGo(held);
    else if (event.key === 'Escape' && held !== undefined) giveUp();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const enter = () => {
    if (!parsed || 'fault' in parsed) return;
    setDraft(undefined);
    letGo(parsed.rate);
  };
  return (
    <div className="min-w-0">
      <div className="flex items-center justify-between gap-3">
        <span className="min-w-0 truncate text-sm">
          <span className="font-medium">{label}</span> <span className="text-quiet">{about}</span>
        </span>
        <ValueInput
          aria-label={`${label}, exactly`}
          aria-describedby={`${id}-says`}
          className="w-32 shrink-0"
          value={draft ?? (shown === null ? 'no limit' : rateInput(shown))}
          faulty={parsed !== undefined && 'fault' in parsed}
          pending={pending}
          reason={reason}
          onChange={setDraft}
          onEnter={enter}
          onLeave={() => setDraft(undefined)}
        />
      </div>
      <div ref={track} className="relative mx-2 mt-2 h-8 select-none">
        <div className="absolute inset-x-0 top-[13px] h-1.5 overflow-hidden rounded-full bg-line">
          <div className="h-full bg-usage" style={{ width: `${now === undefined || now < 1000 ? 0 : placeOfRate(now) * 100}%` }} />
        </div>
        <div
          role="slider"
          tabIndex={0}
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={1000}
          aria-valuenow={Math.round(place * 1000)}
          aria-valuetext={rateText(shown)}
          aria-disabled={off || undefined}
          aria-busy={pending || undefined}
          aria-orientation="horizontal"
          title={reason}
          onPointerDown={take}
          onPointerMove={drag}
          onPointerUp={release}
          onPointerCancel={giveUp}
          onKeyDown={press}
          onBlur={() => held !== undefined && grip.current === undefined && giveUp()}
          className={cx(
            'group/rate absolute inset-y-0 flex w-8 -translate-x-1/2 touch-none items-center justify-center outline-none max-sm:w-11',
            off ? 'cursor-default' : held === undefined ? 'cursor-grab' : 'cursor-grabbing',
            pending && 'pending',
          )}
          style={{ left: `${place * 100}%` }}
        >
          {/* No limit is a hollow thumb: there is no wall. */}
          <span
            aria-hidden
            className={cx(
              'h-5 w-[7px] rounded-[2px] ring-2 ring-raised transition-transform duration-100 group-focus-visible/rate:outline-2 group-focus-visible/rate:outline-offset-2 group-focus-visible/rate:outline-text',
              shown === null ? 'border-2 border-hard bg-raised' : 'bg-hard',
              held !== undefined && 'scale-125',
              !off && 'group-hover/rate:scale-125',
            )}
          />
        </div>
      </div>
      <div aria-hidden className="relative mx-2 h-4 text-2xs text-quiet">
        {rateTicks.map(({ place: at, label: text }, i) => (
          <span
            key={text}
            className={cx('absolute -translate-x-1/2 whitespace-nowrap', i % 2 === 1 && '@max-[639px]:hidden')}
            style={{ left: `${at * 100}%` }}
          >
            {text}
          </span>
        ))}
        <span className="absolute right-0 translate-x-2">∞</span>
      </div>
      <p id={`${id}-says`} aria-live="polite" className="mt-1 min-h-4 text-xs text-quiet">
        {parsed && 'fault' in parsed ? (
          <span className="text-hard">{parsed.fault}</span>
        ) : problem && held === undefined ? (
          <span className="text-hard">■ {problem.detail}</span>
        ) : held !== undefined && held !== inForce ? (
          `In force: ${rateText(inForce)}. Let go, or Enter, to set ${rateText(held)}.`
        ) : (
          `In force: ${rateText(inForce)}.`
        )}
      </p>
    </div>
  );
}
