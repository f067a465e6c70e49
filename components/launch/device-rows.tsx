// Device rules as they are typed, a row each: kind, numbers, and what may be done.
'use client';
import { Plus, X } from 'lucide-react';
import { accessOf, type DeviceRule, deviceName, MOST_DEVICE_RULES } from '../../server/contract/devices.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { inputClass } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import type { DeviceRow } from './launch-form.ts';

export interface DeviceRowsProps {
  readonly rows: readonly DeviceRow[];
  readonly fault: string | undefined;
  readonly onChange: (rows: readonly DeviceRow[]) => void;
}

const KINDS: ReadonlyArray<{ value: DeviceRule['type']; label: string }> = [
  { value: 'c', label: 'c character' },
  { value: 'b', label: 'b block' },
  { value: 'a', label: 'a either' },
];
const ACCESSES = [
  { letter: 'r', label: 'read' },
  { letter: 'w', label: 'write' },
  { letter: 'm', label: 'mknod' },
] as const;

const numberOrEvery = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : '*');

export function DeviceRows({ rows, fault, onChange }: DeviceRowsProps) {
  const set = (at: number, change: Partial<DeviceRow>) => onChange(rows.map((row, i) => (i === at ? { ...row, ...change } : row)));
  return (
    <div>
      <p className="pb-1 text-sm font-medium">What is allowed</p>
      {rows.map((row, i) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule that is being typed is its place
          key={i}
          className="mb-1.5 grid grid-cols-[112px_minmax(0,1fr)_minmax(0,1fr)_32px] items-center gap-x-1.5 gap-y-1 @min-[640px]:grid-cols-[120px_72px_84px_minmax(0,1fr)_32px]"
        >
          <Select
            label={`Kind of rule ${i + 1}`}
            options={KINDS}
            value={row.type}
            onChange={(type) => set(i, { type })}
            className="font-mono!"
          />
          <input
            aria-label={`Major number of rule ${i + 1}`}
            value={row.major}
            placeholder="*"
            inputMode="numeric"
            onChange={(event) => set(i, { major: event.target.value })}
            className={cx(inputClass, 'font-mono')}
          />
          <input
            aria-label={`Minor number of rule ${i + 1}`}
            value={row.minor}
            placeholder="*"
            inputMode="numeric"
            onChange={(event) => set(i, { minor: event.target.value })}
            className={cx(inputClass, 'font-mono')}
          />
          <div className="flex min-w-0 flex-wrap items-center gap-x-4 @max-[639px]:col-span-full @max-[639px]:row-start-2 @max-[639px]:pb-1">
            <Accesses at={i} row={row} onChange={(access) => set(i, { access })} />
            <span className="min-w-0 truncate text-sm text-quiet">
              {deviceName({ ...row, major: numberOrEvery(row.major), minor: numberOrEvery(row.minor) })}
            </span>
          </div>
          <IconButton
            label={`Remove rule ${i + 1}`}
            className="@max-[639px]:col-start-4 @max-[639px]:row-start-1"
            onClick={() => onChange(rows.filter((_, other) => other !== i))}
          >
            <X aria-hidden />
          </IconButton>
        </div>
      ))}
      {rows.length === 0 && <p className="pb-1.5 text-sm text-quiet">Nothing: no device can be opened, not even /dev/null.</p>}
      {fault !== undefined && (
        <p role="alert" className="pb-1 text-xs text-hard">
          {fault}
        </p>
      )}
      <Button
        size="sm"
        reason={rows.length >= MOST_DEVICE_RULES ? `A list has ${MOST_DEVICE_RULES} rules at most.` : undefined}
        onClick={() => onChange([...rows, { type: 'c', major: '', minor: '', access: 'rw' }])}
      >
        <Plus aria-hidden />
        Rule
      </Button>
    </div>
  );
}

interface AccessesProps {
  readonly at: number;
  readonly row: DeviceRow;
  readonly onChange: (access: DeviceRow['access']) => void;
}

/** The last one that is left stays: a rule without any allows nothing. */
function Accesses({ at, row, onChange }: AccessesProps) {
  return (
    <fieldset aria-label={`What rule ${at + 1} allows`} className="flex gap-x-3">
      {ACCESSES.map(({ letter, label }) => {
        const letters = new Set(row.access);
        const on = letters.has(letter);
        return (
          <label key={letter} className="flex items-center gap-1 text-sm whitespace-nowrap">
            <input
              type="checkbox"
              checked={on}
              disabled={on && letters.size === 1}
              onChange={() => {
                if (on) letters.delete(letter);
                else letters.add(letter);
                const access = accessOf(letters);
                if (access) onChange(access);
              }}
              className="size-3.5 accent-(--text)"
            />
            {label}
          </label>
        );
      })}
    </fieldset>
  );
}
