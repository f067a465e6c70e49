// Radio buttons, each with a sentence about what it means.
'use client';
import { type ReactNode, useId } from 'react';
import { cx } from './classes.ts';
import { Fault } from './field.tsx';

export interface Option<V extends string> {
  readonly value: V;
  readonly label: ReactNode;
  readonly help?: ReactNode;
  /** Why it cannot be chosen; shown instead of the help. */
  readonly reason?: string | undefined;
}

export interface ChoiceProps<V extends string> {
  readonly label: string;
  readonly options: ReadonlyArray<Option<V>>;
  readonly value: V;
  readonly onChange: (value: V) => void;
  /** In columns where there is room. */
  readonly columns?: 2 | 3;
  readonly fault?: string | undefined;
}

const COLUMNS = { 2: '@min-[440px]:grid-cols-2', 3: '@min-[560px]:grid-cols-3' } as const;

export function Choice<V extends string>({ label, options, value, onChange, columns = 3, fault }: ChoiceProps<V>) {
  const name = useId();
  return (
    <fieldset className="min-w-0" aria-describedby={fault === undefined ? undefined : `${name}-fault`}>
      <legend className="pb-1.5 text-sm font-medium">{label}</legend>
      <div className={cx('grid grid-cols-1 gap-2', COLUMNS[columns])}>
        {options.map((option) => {
          const on = option.value === value;
          const off = option.reason !== undefined && !on;
          return (
            <label
              key={option.value}
              className={cx(
                'grid grid-cols-[14px_minmax(0,1fr)] content-start gap-x-2.5 rounded-md border px-3 py-2 has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-text',
                on ? 'border-text bg-surface' : 'border-line-strong/40',
                !on && !off && 'hover:border-line-strong hover:bg-hover',
              )}
            >
              <input
                type="radio"
                name={name}
                checked={on}
                disabled={off}
                // The label holds the help too, which is not part of the name.
                aria-labelledby={`${name}-${option.value}-name`}
                aria-describedby={`${name}-${option.value}`}
                onChange={() => onChange(option.value)}
                className="mt-[3px] size-3.5 appearance-none rounded-full border border-line-strong outline-none checked:border-[4.5px] checked:border-text disabled:opacity-45"
              />
              <span id={`${name}-${option.value}-name`} className={cx('font-medium', off && 'text-quiet')}>
                {option.label}
              </span>
              <span id={`${name}-${option.value}`} className="col-start-2 text-sm text-quiet">
                {option.reason ?? option.help}
              </span>
            </label>
          );
        })}
      </div>
      <Fault id={`${name}-fault`} className="mt-1">
        {fault}
      </Fault>
    </fieldset>
  );
}
