// The input of a limit: digits to the right, the unit quiet after them in the same frame. The owner handles Enter and Esc.
'use client';
import type { ComponentProps } from 'react';
import { cx } from '../ui/classes.ts';
import { Tip } from '../ui/tooltip.tsx';

export interface ValueInputProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value' | 'readOnly'> {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onEnter?: () => void;
  /** Esc was pressed, or the field was left; with onBlur the latter calls that instead. */
  readonly onLeave?: () => void;
  readonly unit?: string | undefined;
  readonly faulty?: boolean;
  readonly pending?: boolean;
  /** Why it is off; shown on hover and focus. */
  readonly reason?: string | undefined;
}

export function ValueInput({
  value,
  onChange,
  onEnter,
  onLeave,
  onBlur,
  unit,
  faulty = false,
  pending = false,
  reason,
  className,
  ...rest
}: ValueInputProps) {
  const off = reason !== undefined;
  return (
    <Tip text={reason}>
      <span
        className={cx(
          'flex h-[32px] items-center rounded-md border bg-surface focus-within:outline-1 focus-within:-outline-offset-1 focus-within:outline-text max-sm:h-[40px]',
          faulty ? 'border-hard' : 'border-line-strong/50 hover:border-line-strong focus-within:border-text',
          pending && 'pending',
          className,
        )}
      >
        <input
          {...rest}
          aria-invalid={faulty || undefined}
          readOnly={off || pending}
          spellCheck={false}
          autoComplete="off"
          value={value}
          onChange={(event) => !off && onChange(event.target.value)}
          onFocus={(event) => event.target.select()}
          onBlur={onBlur ?? onLeave}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && onEnter) onEnter();
            else if (event.key === 'Escape' && onLeave) onLeave();
            else return;
            event.preventDefault();
            event.stopPropagation();
          }}
          className={cx(
            'h-full w-0 min-w-0 flex-1 bg-transparent pl-2 text-right font-mono outline-none max-sm:text-[16px]',
            unit === undefined ? 'pr-2' : 'pr-1.5',
            off && 'text-quiet',
          )}
        />
        {unit !== undefined && <span className="pr-2 text-sm text-quiet">{unit}</span>}
      </span>
    </Tip>
  );
}
