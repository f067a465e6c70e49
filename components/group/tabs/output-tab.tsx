// What the launched process wrote: the last 256 KiB of stdout and stderr as they came, following the end.
'use client';
import { Check } from 'lucide-react';
import { useLayoutEffect, useRef, useState } from 'react';
import { formatBytes } from '../../../server/contract/units.ts';
import { api } from '../../live/api.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { CopyButton } from '../copy-button.tsx';
import { useAnswer } from '../use-answer.ts';

const EVERY_MS = 1000;
/** This near the end counts as being there. */
const AT_END_PX = 24;

export function OutputTab({ path, launched }: { readonly path: string; readonly launched: boolean }) {
  const { data, error, loading } = useAnswer(launched ? path : undefined, () => api.output(path), EVERY_MS);
  const [following, setFollowing] = useState(true);
  const box = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    if (following && box.current && data) box.current.scrollTop = box.current.scrollHeight;
  }, [following, data]);
  if (!launched) {
    return (
      <EmptyState title="No output to show">
        cgdeck keeps the output of processes that it launched. The processes of this group were started by somebody else, and write where
        they were told to.
      </EmptyState>
    );
  }
  if (!data) return error && !loading ? <ErrorState problem={error} /> : <Skeleton className="h-80" />;
  const { figure, unit } = formatBytes(data.bytes);
  return (
    <div>
      <div className="flex flex-wrap items-center gap-2 pb-2 text-sm text-quiet">
        <span className="mr-auto">
          stdout and stderr, {figure} {unit}
          {data.truncated && ' written; the last 256 KiB are kept'}
          {error && <span className="text-hard"> · {error.detail}</span>}
        </span>
        <Button size="sm" aria-pressed={following} onClick={() => setFollowing(!following)}>
          {following && <Check aria-hidden />}
          Follow the end
        </Button>
        <CopyButton text={data.text} what="output" />
      </div>
      <pre
        ref={box}
        role="log"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
        tabIndex={0}
        aria-label="Output"
        onScroll={({ currentTarget: at }) => setFollowing(at.scrollHeight - at.scrollTop - at.clientHeight < AT_END_PX)}
        className="h-96 overflow-auto rounded-md border border-line bg-surface p-3 font-mono text-sm leading-[18px] break-all whitespace-pre-wrap"
      >
        {data.text === '' ? <span className="text-quiet">Nothing written yet.</span> : data.text}
      </pre>
    </div>
  );
}
