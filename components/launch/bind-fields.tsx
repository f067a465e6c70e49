// Directories of the host that the process is shown, a row each.
'use client';
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { inputClass } from '../ui/field.tsx';
import type { BindRow } from './launch-form.ts';

export interface BindFieldsProps {
  readonly rows: readonly BindRow[];
  readonly fault: string | undefined;
  readonly onChange: (rows: readonly BindRow[]) => void;
}

/** As the contract takes them. */
const MOST = 64;

export function BindFields({ rows, fault, onChange }: BindFieldsProps) {
  const set = (at: number, change: Partial<BindRow>) => onChange(rows.map((row, i) => (i === at ? { ...row, ...change } : row)));
  return (
    <div>
      <p className="pb-1 text-sm font-medium">Directories of the host in it</p>
      {rows.map((row, i) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: a directory that is being typed is its place
          key={i}
          className="mb-1.5 grid grid-cols-[minmax(0,1fr)_32px] items-center gap-x-1.5 gap-y-1 @min-[560px]:grid-cols-[minmax(0,1fr)_12px_minmax(0,1fr)_88px_32px]"
        >
          <input
            aria-label={`Directory ${i + 1} on the host`}
            value={row.source}
            placeholder="/srv/data"
            spellCheck={false}
            onChange={(event) => set(i, { source: event.target.value })}
            className={cx(inputClass, 'font-mono')}
          />
          <span aria-hidden className="text-center text-quiet @max-[559px]:hidden">
            →
          </span>
          <input
            aria-label={`Directory ${i + 1} inside`}
            value={row.target}
            placeholder={row.source.trim() === '' ? 'inside: the same' : row.source.trim()}
            spellCheck={false}
            onChange={(event) => set(i, { target: event.target.value })}
            className={cx(inputClass, 'font-mono @max-[559px]:col-start-1')}
          />
          <label className="flex items-center gap-1.5 text-sm whitespace-nowrap @max-[559px]:col-start-1">
            <input
              type="checkbox"
              checked={row.writable}
              onChange={(event) => set(i, { writable: event.target.checked })}
              className="size-3.5 accent-(--text)"
            />
            <span className={row.writable ? 'font-medium text-pressure-critical' : 'text-quiet'}>Writable</span>
          </label>
          <IconButton
            label={`Remove directory ${i + 1}`}
            className="@max-[559px]:col-start-2 @max-[559px]:row-start-1"
            onClick={() => onChange(rows.filter((_, other) => other !== i))}
          >
            <X aria-hidden />
          </IconButton>
        </div>
      ))}
      {fault !== undefined && (
        <p role="alert" className="pb-1 text-xs text-hard">
          {fault}
        </p>
      )}
      <Button
        size="sm"
        reason={rows.length >= MOST ? `A launch takes ${MOST} of them at most.` : undefined}
        onClick={() => onChange([...rows, { source: '', target: '', writable: false }])}
      >
        <Plus aria-hidden />
        Directory
      </Button>
    </div>
  );
}
