// One of a few choices in a row, as a plain button that is pressed or not.
import type { ReactNode } from 'react';
import { cx } from './classes.ts';

export interface ToggleProps {
  readonly on: boolean;
  readonly onPress: () => void;
  readonly className: string;
  readonly children: ReactNode;
}

export function Toggle({ on, onPress, className, children }: ToggleProps) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={onPress}
      className={cx(
        'px-2 whitespace-nowrap',
        on ? 'bg-line font-medium text-text' : 'text-quiet hover:bg-hover hover:text-text',
        className,
      )}
    >
      {children}
    </button>
  );
}
