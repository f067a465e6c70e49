// Shows of which acts it is unknown whether they were done, as long as that is so.
'use client';
import { CircleHelp } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type Unsure, whenUnsure } from '../live/repeat.ts';

export function UnsureNotice() {
  const [all, setAll] = useState<readonly Unsure[]>([]);
  useEffect(() => whenUnsure(setAll), []);
  const [first] = all;
  return (
    <div role="status" className="pointer-events-none fixed inset-x-0 bottom-4 z-50 flex justify-center px-4 max-sm:bottom-20">
      {first && (
        <div className="flex max-w-full items-start gap-2 rounded-lg border border-pressure-critical bg-raised px-3 py-2 shadow-[0_8px_24px_rgb(0_0_0/0.28)]">
          <CircleHelp aria-hidden className="mt-0.5 size-4 shrink-0 text-pressure-critical" />
          <div className="min-w-0">
            <p className="font-medium">Unknown whether it was done</p>
            <p className="text-sm break-all text-quiet">
              The answer to <code className="font-mono">{decodeURIComponent(first.what)}</code>
              {all.length > 1 && ` and ${all.length - 1} more`} was lost. Asking…
            </p>
          </div>
        </div>
      )}
    </div>
  );
}
