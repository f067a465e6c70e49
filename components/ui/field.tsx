// Text fields with a label, a line of help, and the fault.
'use client';
import { type ComponentProps, type ReactNode, useId } from 'react';
import { cx } from './classes.ts';

export const inputClass =
  'h-8 w-full rounded-md border border-line-strong/50 bg-surface px-2.5 text-base text-text hover:border-line-strong focus:border-text focus:outline-1 focus:-outline-offset-1 focus:outline-text data-invalid:border-hard max-sm:h-10 max-sm:text-[16px]';

/** What is wrong, in a sentence; nothing where nothing is. */
export function Fault({ id, className, children }: { readonly id?: string; readonly className?: string; readonly children: ReactNode }) {
  if (children === undefined) return null;
  return (
    <p id={id} role="alert" className={cx('text-xs text-hard', className)}>
      {children}
    </p>
  );
}

export interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value' | 'defaultValue'> {
  readonly label: ReactNode;
  /** One sentence below the field. */
  readonly help?: ReactNode;
  /** What is wrong with the value, in a sentence; shown instead of the help. */
  readonly fault?: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** For kernel names and sizes, which a browser must not complete or correct. */
  readonly mono?: boolean;
}

export function TextField({ label, help, fault, className, onChange, mono = false, ...rest }: TextFieldProps) {
  const own = useId();
  const { id = own } = rest;
  const note = fault ?? help;
  return (
    <div className={cx('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      <input
        {...(mono && { spellCheck: false, autoComplete: 'off' })}
        {...(fault !== undefined && { 'aria-invalid': true, 'data-invalid': '' })}
        {...(note !== undefined && { 'aria-describedby': `${id}-note` })}
        {...rest}
        id={id}
        onChange={(event) => onChange(event.target.value)}
        className={cx(inputClass, mono && 'font-mono')}
      />
      {note !== undefined && (
        <div id={`${id}-note`} className={cx('text-xs', fault === undefined ? 'text-quiet' : 'text-hard')}>
          {note}
        </div>
      )}
    </div>
  );
}

export interface BareInputProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value'> {
  /** For screen readers. */
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly mono?: boolean;
}

/** Without a visible label; for names and searches, which a browser must not complete or correct. */
export function BareInput({ label, onChange, mono = false, className, ...rest }: BareInputProps) {
  return (
    <input
      aria-label={label}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.target.value)}
      className={cx(inputClass, mono && 'font-mono', className)}
      {...rest}
    />
  );
}
