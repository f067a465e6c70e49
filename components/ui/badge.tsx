// A word in a small frame: a state, a count, a key of the kernel’s.
import type { ReactNode } from 'react';
import { cx } from './classes.ts';

const TONE = {
  plain: 'border-line-strong/40 text-quiet',
  text: 'border-line-strong/40 text-text',
  pressure: 'border-pressure-medium/60 bg-pressure-soft text-pressure-critical',
} as const;

export interface BadgeProps {
  readonly tone?: keyof typeof TONE;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Badge({ tone = 'plain', className, children }: BadgeProps) {
  return (
    <span
      className={cx(
        'inline-flex h-[18px] items-center gap-1 rounded-sm border px-1.5 text-xs whitespace-nowrap [&_svg]:size-3',
        TONE[tone],
        className,
      )}
    >
      {children}
    </span>
  );
}
