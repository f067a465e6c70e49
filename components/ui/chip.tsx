// A filter that is on or off, with a hint.
'use client';
import type { ReactNode } from 'react';
import { cx } from './classes.ts';
import { Tip } from './tooltip.tsx';

export interface ChipProps {
  readonly help: string;
  readonly on: boolean;
  readonly onPress: () => void;
  readonly className: string;
  readonly children: ReactNode;
}

export function Chip({ help, on, onPress, className, children }: ChipProps) {
  return (
    <Tip text={help} side="bottom">
      <button
        type="button"
        aria-pressed={on}
        onClick={onPress}
        className={cx(
          'flex h-7 shrink-0 items-center gap-1.5 rounded-md border text-sm whitespace-nowrap transition-colors duration-100 hover:bg-hover',
          on && 'border-text bg-hover text-text',
          className,
        )}
      >
        {children}
      </button>
    </Tip>
  );
}
