// A select box for a few options.
'use client';
import { ChevronsUpDown } from 'lucide-react';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { buttonClass } from './button.tsx';
import { cx } from './classes.ts';
import { later } from './later.tsx';
import type { SelectProps } from './select-popup.tsx';

type AnySelect = SelectProps<string> & { readonly onOpen?: () => void };

const Opened = later<AnySelect>(async () => (await import('./select-popup.tsx')).SelectPopup, { Waiting: Closed });

/** Keys that open it, beside those that press a button. */
const KEYS = new Set(['ArrowDown', 'ArrowUp']);

function Closed({ label, options, value, className, onOpen }: AnySelect) {
  return (
    <button
      type="button"
      role="combobox"
      aria-haspopup="listbox"
      aria-expanded={false}
      aria-label={label}
      onClick={onOpen}
      onKeyDown={({ key }: KeyboardEvent) => KEYS.has(key) && onOpen?.()}
      className={cx(buttonClass('plain'), 'font-normal', className)}
    >
      <span className="flex-1 text-left">{options.find((option) => option.value === value)?.label}</span>
      <ChevronsUpDown aria-hidden className="text-quiet" />
    </button>
  );
}

export function Select<V extends string>(props: SelectProps<V>) {
  const [opened, setOpened] = useState(false);
  useEffect(Opened.prepare, []);
  // The options give the values.
  const any = props as unknown as SelectProps<string>;
  // Not within the click, which would count as one outside of the list and close it.
  return opened ? <Opened {...any} /> : <Closed {...any} onOpen={() => setTimeout(() => setOpened(true))} />;
}
