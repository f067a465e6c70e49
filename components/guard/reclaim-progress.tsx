// How much was reclaimed of a held group so far, and a button that ends it.
'use client';
import type { Hold } from '../../server/contract/guards.ts';
import { bytesText } from '../../server/contract/units.ts';
import { visible } from '../../server/contract/visible.mjs';
import { useAction } from '../frame/use-action.ts';
import { api } from '../live/api.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/field.tsx';

export interface ReclaimProgressProps {
  readonly hold: number;
  readonly reclaim: NonNullable<Hold['reclaim']>;
  /** Why this person may not act. */
  readonly reason: string | undefined;
}

export function ReclaimProgress({ hold, reclaim, reason }: ReclaimProgressProps) {
  const { pending, answer, problem, run } = useAction<Awaited<ReturnType<typeof api.cancelReclaim>>>();
  const { askedBytes, reclaimedBytes, by } = reclaim;
  const percent = Math.round(100 * Math.min(1, reclaimedBytes / askedBytes));
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
      <div
        role="progressbar"
        aria-label="Reclaimed"
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        className="h-2 w-40 overflow-hidden rounded-full bg-line"
      >
        <div className="h-full bg-usage" style={{ width: `${percent}%` }} />
      </div>
      <span>
        {bytesText(reclaimedBytes)} of {bytesText(askedBytes)} reclaimed, asked by {visible(by)}
      </span>
      <Button
        size="sm"
        pending={pending || answer !== undefined}
        reason={reason}
        onClick={() => void run(() => api.cancelReclaim({ hold }))}
      >
        Cancel
      </Button>
      <Fault>{problem?.detail}</Fault>
    </div>
  );
}
