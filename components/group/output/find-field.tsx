// Searches the output: a field, how many lines have the text, and the way from one to the next.
'use client';
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { Ref } from 'react';
import { countText } from '../../../server/contract/units.ts';
import { IconButton } from '../../ui/button.tsx';
import { BareInput } from '../../ui/field.tsx';
import { Answered } from '../../ui/spoken.tsx';
import { stepTo } from './find.ts';

export interface FindFieldProps {
  readonly field: Ref<HTMLInputElement>;
  readonly wanted: string;
  readonly onWanted: (wanted: string) => void;
  /** Lines that have it. */
  readonly found: readonly number[];
  /** The line that is shown of them. */
  readonly at: number | undefined;
  readonly onAt: (at: number | undefined) => void;
}

export function FindField({ field, wanted, onWanted, found, at, onAt }: FindFieldProps) {
  const none = wanted === '' ? 'Enter what to find.' : found.length === 0 ? 'No line has it.' : undefined;
  const place = at === undefined ? -1 : found.indexOf(at);
  const words = wanted === '' ? '' : place < 0 ? countText(found.length, 'line') : `${place + 1} of ${countText(found.length, 'line')}`;
  return (
    <search className="flex items-center gap-1">
      <BareInput
        ref={field}
        label="Find in the output"
        placeholder="Find"
        mono
        value={wanted}
        onChange={onWanted}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onAt(stepTo(found, at, event.shiftKey ? -1 : 1));
          else if (event.key === 'Escape') onWanted('');
        }}
        className="h-6! w-36! text-sm! max-sm:h-9!"
      />
      <IconButton icon={ArrowUp} label="The match before" size="sm" reason={none} onClick={() => onAt(stepTo(found, at, -1))} />
      <IconButton icon={ArrowDown} label="The next match" size="sm" reason={none} onClick={() => onAt(stepTo(found, at, 1))} />
      <Answered of={place < 0 ? undefined : words} className="min-w-20 text-xs text-quiet">
        {words}
      </Answered>
    </search>
  );
}
