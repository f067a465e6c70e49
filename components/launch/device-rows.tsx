// Device rules as typed, a row each: kind, numbers, access.
'use client';
import { accessOf, type DeviceRule, deviceName, MOST_DEVICE_RULES } from '../../server/contract/devices.ts';
import { BareInput } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import type { DeviceRow } from './launch-form.ts';
import type { PartProps } from './part.tsx';
import { Rows } from './rows.tsx';

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

export function DeviceRows({ form: { deviceRows }, faults, onChange }: PartProps) {
  return (
    <Rows<DeviceRow>
      rows={deviceRows}
      fault={faults.devices}
      onChange={(rows) => onChange({ deviceRows: rows })}
      title="What is allowed"
      rowClass="grid grid-cols-[112px_minmax(0,1fr)_minmax(0,1fr)_32px] items-center gap-x-1.5 gap-y-1 @min-[640px]:grid-cols-[120px_72px_84px_minmax(0,1fr)_32px]"
      removeLabel={(_, i) => `Remove rule ${i + 1}`}
      removeClass="@max-[639px]:col-start-4 @max-[639px]:row-start-1"
      none="No device can be opened, not even /dev/null."
      add="Rule"
      next={{ type: 'c', major: '', minor: '', access: 'rw' }}
      reason={deviceRows.length >= MOST_DEVICE_RULES ? `At most ${MOST_DEVICE_RULES} rules.` : undefined}
    >
      {(row, change, i) => (
        <>
          <Select
            label={`Kind of rule ${i + 1}`}
            options={KINDS}
            value={row.type}
            onChange={(type) => change({ type })}
            className="font-mono!"
          />
          {(['major', 'minor'] as const).map((part) => (
            <BareInput
              key={part}
              label={`${part === 'major' ? 'Major' : 'Minor'} number of rule ${i + 1}`}
              value={row[part]}
              placeholder="*"
              inputMode="numeric"
              onChange={(next) => change({ [part]: next })}
              mono
            />
          ))}
          <div className="flex min-w-0 flex-wrap items-center gap-x-4 @max-[639px]:col-span-full @max-[639px]:row-start-2 @max-[639px]:pb-1">
            <Accesses at={i} row={row} onChange={(access) => change({ access })} />
            <span className="min-w-0 truncate text-sm text-quiet">
              {deviceName({ ...row, major: numberOrEvery(row.major), minor: numberOrEvery(row.minor) })}
            </span>
          </div>
        </>
      )}
    </Rows>
  );
}

interface AccessesProps {
  readonly at: number;
  readonly row: DeviceRow;
  readonly onChange: (access: DeviceRow['access']) => void;
}

/** The last checked one cannot be unchecked: a rule without access allows nothing. */
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
              className="size-3.5 accent-(--color-text)"
            />
            {label}
          </label>
        );
      })}
    </fieldset>
  );
}
