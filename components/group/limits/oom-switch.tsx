// What happens at the hard limit when nothing can be reclaimed: a task is killed, or its tasks sleep until the limit is raised.
'use client';
import { useState } from 'react';
import { formatDuration } from '../../../server/contract/units.ts';
import { api, problemOf } from '../../live/api.ts';
import type { GroupLive } from '../../live/hooks.ts';
import { cx } from '../../ui/classes.ts';
import { Tip } from '../../ui/tooltip.tsx';

const CHOICES = [
  { value: 0, label: 'Kill a task', says: 'The kernel kills a task of the group.' },
  { value: 1, label: 'Let them wait', says: 'Tasks sleep until the limit is raised: none is killed.' },
] as const;

export function OomSwitch({ live, reason }: { readonly live: GroupLive; readonly reason: string | undefined }) {
  const [pending, setPending] = useState<number>();
  const [says, setSays] = useState<{ readonly text: string; readonly refused: boolean }>();
  const now = live.readings['memory.oom_control:oom_kill_disable'];
  const off = now === undefined ? 'This group has no memory.oom_control.' : reason;
  const write = async (value: 0 | 1) => {
    if (off !== undefined || value === now || pending !== undefined) return;
    setPending(value);
    try {
      const { tookMs } = await api.writeFile(live.entry.path, 'memory.oom_control', value);
      const { figure, unit } = formatDuration(tookMs);
      setSays({ text: `Written in ${figure} ${unit}.`, refused: false });
    } catch (error) {
      setSays({ text: problemOf(error).detail, refused: true });
    }
    setPending(undefined);
  };
  const choices = (
    <div
      role="radiogroup"
      aria-label="At the hard limit"
      className="mt-1 grid h-[32px] grid-cols-2 rounded-md border border-line-strong/50 bg-surface p-0.5 max-sm:h-[40px]"
    >
      {CHOICES.map(({ value, label }) => (
        // biome-ignore lint/a11y/useSemanticElements: a radio of the browser cannot wait for the kernel before it is checked
        <button
          key={value}
          type="button"
          role="radio"
          aria-checked={now === value}
          aria-disabled={off !== undefined || undefined}
          onClick={() => void write(value)}
          className={cx(
            'rounded-sm text-sm',
            now === value ? 'bg-line font-medium text-text' : 'text-quiet',
            off === undefined && 'hover:text-text',
            pending === value && 'pending',
          )}
        >
          {label}
        </button>
      ))}
    </div>
  );
  return (
    <div className="min-w-0 @max-[519px]:col-span-2">
      <div className="flex items-baseline justify-between gap-2">
        <span className="text-sm font-medium whitespace-nowrap">At the hard limit</span>
        <code className="hidden truncate font-mono text-2xs text-quiet @min-[520px]:inline">memory.oom_control</code>
      </div>
      {off === undefined ? choices : <Tip text={off}>{choices}</Tip>}
      <div aria-live="polite" className={cx('mt-1 min-h-4 text-xs', says?.refused ? 'text-hard' : 'text-quiet')}>
        {says?.refused ? '■ ' : ''}
        {CHOICES.find(({ value }) => value === now)?.says ?? 'Not known.'} {says?.text}
      </div>
    </div>
  );
}
