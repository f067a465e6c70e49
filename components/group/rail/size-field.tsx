// A size typed exactly, beside the thumb that it belongs to: "64M", "1536K", "100000001", "max".
'use client';
import { useState } from 'react';
import { parseSize } from '../../../server/contract/units.ts';
import { ValueInput } from '../value-input.tsx';
import type { Size } from './scale.ts';
import { sizeInput } from './size-text.ts';

export interface SizeFieldProps {
  /** Its name for screen readers, such as "Hard limit, exactly". */
  readonly label: string;
  readonly size: Size | undefined;
  readonly reason?: string | undefined;
  readonly pending?: boolean;
  readonly onEnter: (size: Size) => void;
}

/** What was typed stays until it is entered or left; a fault is said under the field. */
export function SizeField({ label, size, reason, pending = false, onEnter }: SizeFieldProps) {
  const [draft, setDraft] = useState<string>();
  const parsed = draft === undefined ? undefined : parseSize(draft.trim());
  const faulty = draft !== undefined && draft.trim() !== '' && parsed === undefined;
  const enter = () => {
    if (parsed === undefined) return;
    setDraft(undefined);
    onEnter(parsed);
  };
  return (
    <span className="relative inline-flex">
      <ValueInput
        aria-label={label}
        className="w-[104px]"
        value={draft ?? (size === undefined ? '' : sizeInput(size))}
        placeholder="–"
        faulty={faulty}
        pending={pending}
        reason={reason}
        onChange={setDraft}
        onEnter={enter}
        onLeave={() => setDraft(undefined)}
      />
      {faulty && (
        <span role="alert" className="absolute top-full right-0 z-20 mt-1 rounded-sm border border-hard bg-raised px-1.5 text-2xs whitespace-nowrap text-hard">
          such as 64M, 1G, 4096 or max
        </span>
      )}
    </span>
  );
}
