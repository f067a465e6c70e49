// An exact size, typed beside its thumb: "64M", "1536K", "100000001", "max".
'use client';
import { useState } from 'react';
import { parseSize, SIZE_HELP } from '../../../server/contract/units.ts';
import { cx } from '../../ui/classes.ts';
import { ValueInput } from '../value-input.tsx';
import type { Thumb } from './prediction.ts';
import type { Size } from './scale.ts';
import { sizeInput } from './size-text.ts';

export interface SizeFieldProps {
  readonly thumb: Thumb;
  readonly size: Size | undefined;
  readonly reason?: string | undefined;
  readonly pending?: boolean;
  readonly onEnter: (size: Size) => void;
  /** In a form a typed value counts when the field is left; on a live group it needs Enter. */
  readonly enterOnBlur?: boolean;
}

/** The draft, until it is entered or left; a fault is shown below. */
export function SizeField({ thumb, size, reason, pending = false, onEnter, enterOnBlur = false }: SizeFieldProps) {
  const [draft, setDraft] = useState<string>();
  const parsed = draft === undefined ? undefined : parseSize(draft.trim());
  const faulty = draft !== undefined && draft.trim() !== '' && parsed === undefined;
  const enter = () => {
    if (parsed === undefined) return;
    setDraft(undefined);
    onEnter(parsed);
  };
  const name = thumb === 'hard' ? 'Hard limit' : 'Soft limit';
  return (
    <div className="relative flex items-center gap-2 text-sm max-sm:w-full">
      <span aria-hidden className="flex size-4 items-center justify-center">
        <span className={cx('size-[10px] rotate-45 rounded-[2px]', thumb === 'hard' ? 'bg-hard' : 'border-[1.5px] border-soft')} />
      </span>
      <span className="w-[64px] text-quiet">{name}</span>
      <ValueInput
        aria-label={`${name}, exactly`}
        className="w-[104px] max-sm:flex-1"
        value={draft ?? (size === undefined ? '' : sizeInput(size))}
        placeholder="–"
        faulty={faulty}
        pending={pending}
        reason={reason}
        onChange={setDraft}
        onEnter={enter}
        onLeave={() => setDraft(undefined)}
        onBlur={() => (enterOnBlur && parsed !== undefined ? enter() : setDraft(undefined))}
      />
      {faulty && (
        <span
          role="alert"
          className="absolute top-full right-0 z-20 mt-1 rounded-sm border border-hard bg-raised px-1.5 text-2xs text-hard w-64"
        >
          max, or a size {SIZE_HELP}
        </span>
      )}
    </div>
  );
}
