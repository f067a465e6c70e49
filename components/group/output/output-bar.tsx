// Above the output: stream, times, follow, copy, download.
'use client';
import { Check, Clock, Download } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, buttonClass } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { CopyButton, useCopy } from '../../ui/copy-button.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import type { Shown } from './lines.ts';
import { StreamMark } from './stream-mark.tsx';

const STREAMS: ReadonlyArray<{ readonly value: Shown; readonly label: string }> = [
  { value: 'all', label: 'All' },
  { value: 'out', label: 'stdout' },
  { value: 'err', label: 'stderr' },
];

export interface OutputBarProps {
  /** A terminal has one stream. */
  readonly tty: boolean;
  readonly shown: Shown;
  readonly onShown: (shown: Shown) => void;
  readonly times: boolean;
  readonly onTimes: (times: boolean) => void;
  readonly following: boolean;
  readonly onFollowing: (following: boolean) => void;
  readonly text: () => string;
  readonly href: string;
  /** The search. */
  readonly children: ReactNode;
}

export function OutputBar({ tty, shown, onShown, times, onTimes, following, onFollowing, text, href, children }: OutputBarProps) {
  const copying = useCopy();
  return (
    <div className="flex flex-wrap items-center gap-2">
      {!tty && (
        <fieldset aria-label="Streams" className="flex gap-0.5">
          {STREAMS.map(({ value, label }) => (
            <Toggle
              key={value}
              on={shown === value}
              onPress={() => onShown(value)}
              className="flex h-6 items-center gap-1.5 rounded-sm text-xs max-sm:h-9"
            >
              {value !== 'all' && <StreamMark stream={value} />}
              {label}
            </Toggle>
          ))}
        </fieldset>
      )}
      <Button size="sm" variant="quiet" aria-pressed={times} onClick={() => onTimes(!times)} className={cx(times && 'bg-line! text-text!')}>
        <Clock aria-hidden className="size-3.5!" />
        Times
      </Button>
      <span className="flex-1" />
      {children}
      <Button size="sm" aria-pressed={following} onClick={() => onFollowing(!following)}>
        <Check aria-hidden className={cx('size-3.5!', !following && 'invisible')} />
        Follow
      </Button>
      <CopyButton {...copying} text={text} what="output" />
      <a href={href} download className={buttonClass('plain', 'sm')}>
        <Download aria-hidden className="size-3.5!" />
        Download
      </a>
    </div>
  );
}
