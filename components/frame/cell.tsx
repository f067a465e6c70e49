// One value of the host strip.
import type { ReactNode } from 'react';
import { cx } from '../ui/classes.ts';
import { Tip } from '../ui/tooltip.tsx';

interface CellProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A quiet label over a value; the value’s place is reserved before the value arrives. */
export function Cell({ label, hint, className, children }: CellProps) {
  return (
    <Tip text={hint} side="bottom">
      <div className={cx('flex h-full shrink-0 flex-col justify-center', className)}>
        <span className="text-2xs whitespace-nowrap text-quiet">{label}</span>
        <span className="flex h-4 items-center text-sm">{children}</span>
      </div>
    </Tip>
  );
}
