// Resource limits of the process itself (getrlimit(2)), a row each.
'use client';
import { Plus, X } from 'lucide-react';
import { rlimitNames } from '../../server/contract/launch.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { inputClass } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import type { RlimitRow } from './launch-form.ts';

const MEANS: Record<(typeof rlimitNames)[number], string> = {
  as: 'bytes of address space',
  core: 'bytes of a core dump',
  cpu: 'seconds of CPU time',
  data: 'bytes of data',
  fsize: 'bytes of a file',
  locks: 'file locks',
  memlock: 'bytes of locked memory',
  msgqueue: 'bytes in message queues',
  nice: 'ceiling for nice, as 20 − nice',
  nofile: 'open files',
  nproc: 'processes of its user',
  rss: 'bytes resident (the kernel ignores it)',
  rtprio: 'real-time priority',
  rttime: 'µs of real-time CPU without a pause',
  sigpending: 'pending signals',
  stack: 'bytes of stack',
};

export interface RlimitFieldsProps {
  readonly rows: readonly RlimitRow[];
  readonly fault: string | undefined;
  readonly onChange: (rows: readonly RlimitRow[]) => void;
}

export function RlimitFields({ rows, fault, onChange }: RlimitFieldsProps) {
  const set = (at: number, change: Partial<RlimitRow>) => onChange(rows.map((row, i) => (i === at ? { ...row, ...change } : row)));
  const free = rlimitNames.filter((name) => !rows.some((row) => row.name === name));
  const next = free.find((name) => name === 'nofile') ?? free[0];
  return (
    <div>
      <p className="pb-1 text-sm font-medium">Resource limits</p>
      {rows.map((row, i) => {
        const options = rlimitNames
          .filter((name) => name === row.name || free.includes(name))
          .map((name) => ({ value: name, label: name }));
        const chosen = rlimitNames.find((name) => name === row.name);
        return (
          <div key={row.name} className="mb-1.5 grid grid-cols-[104px_minmax(0,1fr)_minmax(0,1fr)_32px] items-center gap-x-1.5">
            <Select
              label={`Resource ${i + 1}`}
              options={options}
              value={chosen ?? options[0]?.value ?? 'nofile'}
              onChange={(name) => set(i, { name })}
              className="font-mono!"
            />
            <input
              aria-label={`Soft limit of ${row.name}`}
              value={row.soft}
              placeholder="soft"
              spellCheck={false}
              onChange={(event) => set(i, { soft: event.target.value })}
              className={cx(inputClass, 'font-mono')}
            />
            <input
              aria-label={`Hard limit of ${row.name}`}
              value={row.hard}
              placeholder="hard: as soft"
              spellCheck={false}
              onChange={(event) => set(i, { hard: event.target.value })}
              className={cx(inputClass, 'font-mono')}
            />
            <IconButton label={`Remove the limit of ${row.name}`} onClick={() => onChange(rows.filter((_, other) => other !== i))}>
              <X aria-hidden />
            </IconButton>
            <span className="col-span-3 text-xs text-quiet">{chosen && MEANS[chosen]}</span>
          </div>
        );
      })}
      {fault !== undefined && (
        <p role="alert" className="pb-1 text-xs text-hard">
          {fault}
        </p>
      )}
      <Button
        size="sm"
        reason={next === undefined ? 'Each resource is limited already.' : undefined}
        onClick={() => next !== undefined && onChange([...rows, { name: next, soft: '', hard: '' }])}
      >
        <Plus aria-hidden />
        Resource limit
      </Button>
    </div>
  );
}
