// Shows that the form was restored from a draft, what is missing in it, and how to begin anew.
'use client';
import { History } from 'lucide-react';
import { formatClock } from '../../server/contract/units.ts';
import { visible } from '../../server/contract/visible.mjs';
import { Button } from '../ui/button.tsx';
import type { Draft } from './draft.ts';

export function DraftNote({ draft, onStartOver }: { readonly draft: Draft; readonly onStartOver: () => void }) {
  const { savedMs, withoutValues } = draft;
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-md border border-line bg-raised px-3 py-2 text-sm">
      <History aria-hidden className="size-4 shrink-0 text-quiet" />
      <p className="min-w-0 flex-1">
        Your draft of {formatClock(savedMs)} is back.
        {withoutValues.length > 0 && (
          <>
            {' '}
            The values of {withoutValues.map((name) => visible(name)).join(', ')} were not kept, since they may be secrets: enter them
            again.
          </>
        )}
      </p>
      <Button size="sm" onClick={onStartOver}>
        Start over
      </Button>
    </div>
  );
}
