// One rate as a logarithmic slider, applied on release or Enter; the rate in force stays visible.
'use client';
import { useId, useRef, useState } from 'react';
import type { Problem } from '../../../server/contract/problems.ts';
import { cx } from '../../ui/classes.ts';
import { SlideThumb } from '../../ui/slide-thumb.tsx';
import { Answered } from '../../ui/spoken.tsx';
import { ValueInput } from '../value-input.tsx';
import { parseRate, placeOfRate, type Rate, rateAtPlace, rateInput, rateText, rateTicks, stepRate } from './rate.ts';

export interface RateSliderProps {
  readonly label: string;
  /** What is limited: "what it sends". */
  readonly about: string;
  readonly inForce: Rate;
  /** Current traffic in bits a second; undefined while it is not known. */
  readonly now: number | undefined;
  readonly pending: boolean;
  readonly problem: Problem | undefined;
  readonly reason: string | undefined;
  readonly onSet: (rate: Rate) => void;
}

export function RateSlider({ label, about, inForce, now, pending, problem, reason, onSet }: RateSliderProps) {
  const id = useId();
  const track = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<Rate>();
  const [draft, setDraft] = useState<string>();
  const off = reason !== undefined || pending;
  const shown = held === undefined ? inForce : held;
  const place = placeOfRate(shown);
  const parsed = draft === undefined || draft.trim() === '' ? undefined : parseRate(draft);

  const apply = (rate: Rate | undefined) => {
    setHeld(undefined);
    if (rate !== undefined && rate !== inForce) onSet(rate);
  };
  const enter = () => {
    if (!parsed || 'fault' in parsed) return;
    setDraft(undefined);
    apply(parsed.rate);
  };
  return (
    <div className="min-w-0">
      <div className="flex items-center justify-between gap-3">
        <span className="min-w-0 truncate text-sm">
          <span className="font-medium">{label}</span> <span className="text-quiet">{about}</span>
        </span>
        <ValueInput
          aria-label={`${label}, exactly`}
          aria-describedby={`${id}-status`}
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
        <SlideThumb
          label={label}
          valueText={rateText(shown)}
          place={place}
          track={track}
          held={held !== undefined}
          off={off}
          pending={pending}
          reason={reason}
          onHold={() => setHeld(shown)}
          onPlace={(at) => setHeld(rateAtPlace(at))}
          onStep={(step) => setHeld(stepRate(shown, step))}
          onApply={() => apply(held)}
          onCancel={() => setHeld(undefined)}
          className={cx(
            'group/rate absolute inset-y-0 flex w-8 -translate-x-1/2 touch-none items-center justify-center outline-none max-sm:w-11',
            off ? 'cursor-default' : held === undefined ? 'cursor-grab' : 'cursor-grabbing',
            pending && 'pending',
          )}
        >
          {/* No limit is a hollow thumb. */}
          <span
            aria-hidden
            className={cx(
              'h-5 w-[7px] rounded-[2px] ring-2 ring-raised transition-transform duration-100 group-focus-visible/rate:outline-2 group-focus-visible/rate:outline-offset-2 group-focus-visible/rate:outline-text',
              shown === null ? 'border-2 border-hard bg-raised' : 'bg-hard',
              held !== undefined && 'scale-125',
              !off && 'group-hover/rate:scale-125',
            )}
          />
        </SlideThumb>
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
      <Answered
        id={`${id}-status`}
        of={(parsed && 'fault' in parsed ? parsed.fault : undefined) ?? problem ?? `${inForce}`}
        className="mt-1 min-h-4 text-xs text-quiet"
      >
        {parsed && 'fault' in parsed ? (
          <span className="text-hard">{parsed.fault}</span>
        ) : problem && held === undefined ? (
          <span className="text-hard">■ {problem.detail}</span>
        ) : held !== undefined && held !== inForce ? (
          `In force: ${rateText(inForce)}. Release or press Enter to set ${rateText(held)}.`
        ) : (
          `In force: ${rateText(inForce)}.`
        )}
      </Answered>
    </div>
  );
}
