// Directories of the host inside the launch, a row each.
'use client';
import { BareInput } from '../ui/field.tsx';
import type { PartProps } from './part.tsx';
import { Rows } from './rows.tsx';

/** The contract's limit. */
const MOST = 64;

export function BindFields({ form: { binds }, faults, onChange }: PartProps) {
  return (
    <Rows
      rows={binds}
      fault={faults.binds}
      onChange={(rows) => onChange({ binds: rows })}
      title="Directories of the host"
      rowClass="grid grid-cols-[minmax(0,1fr)_32px] items-center gap-x-1.5 gap-y-1 @min-[560px]:grid-cols-[minmax(0,1fr)_12px_minmax(0,1fr)_88px_32px]"
      removeLabel={(_, i) => `Remove directory ${i + 1}`}
      removeClass="@max-[559px]:col-start-2 @max-[559px]:row-start-1"
      add="Directory"
      next={{ source: '', target: '', writable: false }}
      reason={binds.length >= MOST ? `At most ${MOST} directories.` : undefined}
    >
      {({ source, target, writable }, change, i) => (
        <>
          <BareInput
            label={`Directory ${i + 1} on the host`}
            value={source}
            placeholder="/srv/data"
            onChange={(next) => change({ source: next })}
            mono
          />
          <span aria-hidden className="text-center text-quiet @max-[559px]:hidden">
            →
          </span>
          <BareInput
            label={`Directory ${i + 1} inside`}
            value={target}
            placeholder={source.trim() === '' ? 'inside: the same' : source.trim()}
            onChange={(next) => change({ target: next })}
            mono
            className="@max-[559px]:col-start-1"
          />
          <label className="flex items-center gap-1.5 text-sm whitespace-nowrap @max-[559px]:col-start-1">
            <input
              type="checkbox"
              checked={writable}
              onChange={(event) => change({ writable: event.target.checked })}
              className="size-3.5 accent-(--color-text)"
            />
            <span className={writable ? 'font-medium text-pressure-critical' : 'text-quiet'}>Writable</span>
          </label>
        </>
      )}
    </Rows>
  );
}
