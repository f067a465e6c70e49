// The facts that a decision rests on: the figures, what the memory is, and the largest processes.
import { formatBytes, type Quantity } from '../../server/contract/units.ts';
import { spanText } from '../group/rail/prediction.ts';
import type { HeldGroup } from './held.ts';
import { HeldProcesses } from './held-processes.tsx';
import type { ChoicesProps } from './hold-choices.tsx';
import { UsageKinds } from './usage-kinds.tsx';

export function HoldDetails({ held, pending, reason, act, foretell }: ChoicesProps) {
  const { facts, group } = held;
  return (
    <div className="mt-2 grid grid-cols-1 gap-x-8 gap-y-4 border-t border-line pt-3 @min-[760px]:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_minmax(0,1.4fr)]">
      <Part title="Where it stands">
        <Figures held={held} />
      </Part>
      <Part title="What its memory is">
        <UsageKinds facts={facts} />
      </Part>
      <Part title="Largest processes">
        <HeldProcesses
          group={group}
          facts={facts}
          pending={pending}
          reason={reason}
          onKill={(pid) => act({ do: 'killProcess', pid })}
          onMove={(pid, to) => act({ do: 'move', pid, to })}
          foretell={foretell}
        />
      </Part>
    </div>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <h3 className="pb-1 text-xs text-quiet">{title}</h3>
      {children}
    </div>
  );
}

function Figures({ held }: { readonly held: HeldGroup }) {
  const { facts, group } = held;
  const { usageBytes, lineBytes, limit, memsw, bytesPerSec, secondsLeft, machineBytes } = facts;
  const whose = limit.value === 'max' ? 'no limit' : limit.group === group ? 'its own limit' : `limit of ${limit.group}`;
  return (
    <dl className="text-sm">
      <Row name="In use" quantity={formatBytes(usageBytes)} />
      {lineBytes !== undefined && <Row name="Held at" quantity={formatBytes(lineBytes)} />}
      <Row name={whose} quantity={limit.value === 'max' ? undefined : formatBytes(limit.value)} />
      {memsw && (
        <>
          <Row name="With swap in use" quantity={formatBytes(memsw.usageBytes)} />
          <Row name="With swap held at" quantity={formatBytes(memsw.lineBytes)} />
          <Row name="Limit with swap" quantity={memsw.limit.value === 'max' ? undefined : formatBytes(memsw.limit.value)} />
        </>
      )}
      {bytesPerSec !== undefined && <Row name="Grew before by" quantity={formatBytes(bytesPerSec)} per="/s" />}
      {secondsLeft !== undefined && <Row name="At that rate full in" quantity={{ figure: spanText(secondsLeft), unit: '' }} />}
      <Row name="The machine has left" quantity={machineBytes === undefined ? undefined : formatBytes(machineBytes)} />
    </dl>
  );
}

interface RowProps {
  readonly name: string;
  readonly quantity: Quantity | undefined;
  readonly per?: string;
}

function Row({ name, quantity, per = '' }: RowProps) {
  return (
    <div className="flex h-5 items-center justify-between gap-2" title={name}>
      <dt className="min-w-0 truncate text-quiet first-letter:uppercase">{name}</dt>
      <dd className="whitespace-nowrap">
        {quantity?.figure ?? '–'} <span className="text-quiet">{quantity && `${quantity.unit}${per}`}</span>
      </dd>
    </div>
  );
}
