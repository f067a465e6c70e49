// What cannot be done where cgdeck runs, in its own sentences: folded into one line, and absent on a machine that is wholly ours.
'use client';
import { Info } from 'lucide-react';
import { useHost } from '../live/hooks.ts';

export function NotHere() {
  const missing = useHost()?.missing ?? [];
  if (missing.length === 0) return null;
  return (
    <details className="shrink-0 border-b border-line bg-raised px-4 py-1.5 text-sm">
      <summary className="cursor-pointer text-quiet">
        <Info aria-hidden className="mr-1.5 inline size-3.5 align-[-2px]" />
        {missing.length === 1 ? 'One thing cannot be done here' : `${missing.length} things cannot be done here`}
      </summary>
      <ul className="mt-1 max-h-48 max-w-5xl list-disc space-y-1 overflow-y-auto pb-1 pl-9">
        {missing.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </details>
  );
}
