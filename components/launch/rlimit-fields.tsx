// Resource limits of the process itself (getrlimit(2)), a row each.
'use client';
import { rlimitNames } from '../../server/contract/privileges.ts';
import { BareInput } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import type { PartProps } from './part.tsx';
import { Rows } from './rows.tsx';

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

export function RlimitFields({ form: { rlimits }, faults, onChange }: PartProps) {
  const free = rlimitNames.filter((name) => !rlimits.some((row) => row.name === name));
  const next = free.find((name) => name === 'nofile') ?? free[0];
  return (
    <Rows
      rows={rlimits}
      fault={faults.rlimits}
      onChange={(rows) => onChange({ rlimits: rows })}
      title="Resource limits"
      rowClass="grid grid-cols-[104px_minmax(0,1fr)_minmax(0,1fr)_32px] items-center gap-x-1.5"
      keyOf={(row) => row.name}
      removeLabel={(row) => `Remove the limit of ${row.name}`}
      removeClass="col-start-4 row-start-1"
      add="Resource limit"
      next={next && { name: next, soft: '', hard: '' }}
      reason={next === undefined ? 'Each resource has a limit already.' : undefined}
    >
      {(row, change, i) => {
        const options = rlimitNames
          .filter((name) => name === row.name || free.includes(name))
          .map((name) => ({ value: name, label: name }));
        const chosen = rlimitNames.find((name) => name === row.name);
        return (
          <>
            <Select
              label={`Resource ${i + 1}`}
              options={options}
              value={chosen ?? options[0]?.value ?? 'nofile'}
              onChange={(name) => change({ name })}
              className="font-mono!"
            />
            <BareInput label={`Soft limit of ${row.name}`} value={row.soft} placeholder="soft" onChange={(soft) => change({ soft })} mono />
            <BareInput
              label={`Hard limit of ${row.name}`}
              value={row.hard}
              placeholder="hard: as soft"
              onChange={(hard) => change({ hard })}
              mono
            />
            <span className="col-span-3 text-xs text-quiet">{chosen && MEANS[chosen]}</span>
          </>
        );
      }}
    </Rows>
  );
}
