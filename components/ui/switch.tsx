// A switch with its label and one sentence about what it does.
'use client';
import { type ReactNode, useId } from 'react';

export interface SwitchProps {
  readonly label: ReactNode;
  /** One sentence below the label. */
  readonly help?: ReactNode;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
  /** Below the help: what a weaker choice means. */
  readonly children?: ReactNode;
}

export function Switch({ label, help, checked, onChange, disabled = false, children }: SwitchProps) {
  const helpId = useId();
  const labelId = useId();
  return (
    <label className="flex items-start gap-3 has-disabled:opacity-45">
      <button
        type="button"
        role="switch"
        aria-checked={checked}
        aria-labelledby={labelId}
        onClick={() => onChange(!checked)}
        disabled={disabled}
        {...(help === undefined ? {} : { 'aria-describedby': helpId })}
        className="group/switch mt-0.5 flex h-4 w-7 shrink-0 rounded-full bg-line-strong/60 p-0.5 transition-colors duration-150 aria-checked:bg-text"
      >
        <span className="size-3 rounded-full bg-surface transition-transform duration-150 group-aria-checked/switch:translate-x-3" />
      </button>
      <span className="min-w-0">
        <span id={labelId} className="block font-medium">
          {label}
        </span>
        {help !== undefined && (
          <span id={helpId} className="block text-sm text-quiet">
            {help}
          </span>
        )}
        {children}
      </span>
    </label>
  );
}
