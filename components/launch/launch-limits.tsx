// The limits of a launch: the rail of a group’s page, without usage, and the others as fields.
'use client';
import { X } from 'lucide-react';
import { useId } from 'react';
import { effectiveLimit } from '../../server/contract/derive.ts';
import { keyOn } from '../../server/contract/quantities.ts';
import { MemoryRail, type RailThumbView } from '../group/rail/memory-rail.tsx';
import type { Thumb } from '../group/rail/prediction.ts';
import type { Size } from '../group/rail/scale.ts';
import { SizeField } from '../group/rail/size-field.tsx';
import { sizeText } from '../group/rail/size-text.ts';
import { ValueInput } from '../group/value-input.tsx';
import { useHost, useReadingsOf } from '../live/hooks.ts';
import { IconButton } from '../ui/button.tsx';
import { Fault } from '../ui/field.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import type { LaunchForm } from './launch-form.ts';
import { furtherLimits } from './limits-of-form.ts';
import type { PartProps, TextName } from './part.tsx';

const nothing = () => undefined;

export function LaunchLimits(part: PartProps) {
  const { form, faults, onChange } = part;
  const host = useHost();
  const readingsOf = useReadingsOf();
  if (!host) return <Skeleton className="h-40" />;
  const above = effectiveLimit(host.managedRoot, keyOn('memory-hard-limit', form.on.memory) ?? '', readingsOf);
  const ancestor = typeof above.value === 'number' ? { bytes: above.value, group: above.group } : undefined;
  const view = (thumb: Thumb): RailThumbView => ({
    size: form[thumb],
    phase: 'idle',
    onHold: nothing,
    onApply: nothing,
    onCancel: nothing,
    onMove: (size: Size) => onChange({ [thumb]: size }),
  });
  return (
    <div>
      <MemoryRail memoryBytes={host.memoryBytes} ancestor={ancestor} hard={view('hard')} soft={view('soft')} />
      <div className="mt-3 flex flex-wrap items-center gap-x-6 gap-y-2 text-sm">
        <SizeField enterOnBlur thumb="soft" size={form.soft} onEnter={(soft) => onChange({ soft })} />
        <SizeField enterOnBlur thumb="hard" size={form.hard} onEnter={(hard) => onChange({ hard })} />
        <p className="min-w-56 flex-1 text-quiet">{memoryWords(form, host.memoryBytes, ancestor)}</p>
      </div>
      <Fault className="mt-1">{faults.hard ?? faults.soft}</Fault>
      <div className="mt-4 grid grid-cols-2 gap-x-4 gap-y-3 @min-[440px]:grid-cols-3 @min-[760px]:grid-cols-6">
        <Small {...part} field="quota" label="CPU quota" unit="CPUs" hint="1.5, or empty: none" />
        <Small
          {...part}
          field="weight"
          label="CPU weight"
          {...(form.on.cpu === 2 ? { hint: '1 to 10000; empty: 100' } : { unit: 'shares', hint: 'empty: 1024' })}
        />
        <Small {...part} field="cpus" label="CPUs allowed" hint={`of ${host.cpuList}; empty: all`} />
        <Small {...part} field="pids" label="Most tasks" unit="tasks" hint="empty: no limit" />
        <Small {...part} field="diskWrites" label="Disk writes" hint="8:0 10M: disk, bytes/s" />
        {form.on.memory === 2 ? (
          <Small {...part} field="swap" label="Swap" hint="512M, 0: none; empty: no limit" />
        ) : (
          <Small {...part} field="memsw" label="Memory + swap" hint="512M; empty: no limit" />
        )}
      </div>
      <Further {...part} />
    </div>
  );
}

/** Limits of a request that have no field here: they are written too, unless removed. */
function Further({ form, faults, onChange }: PartProps) {
  const { written } = form;
  const further = Object.entries(furtherLimits(form));
  if (further.length === 0 && faults.written === undefined) return null;
  return (
    <div className="mt-4">
      <p className="pb-1 text-sm font-medium">Further limits</p>
      <ul className="flex flex-wrap gap-2">
        {further.map(([file, value]) => (
          <li key={file} className="inline-flex items-center gap-1 rounded-md border border-line bg-surface pl-2 font-mono text-xs">
            {file} <span className="font-semibold">{value}</span>
            <IconButton
              icon={X}
              size="sm"
              label={`Remove ${file}`}
              onClick={() => onChange({ written: Object.fromEntries(Object.entries(written).filter(([other]) => other !== file)) })}
            />
          </li>
        ))}
      </ul>
      <Fault className="mt-1">{faults.written}</Fault>
    </div>
  );
}

function memoryWords(
  { hard, soft, on }: LaunchForm,
  memoryBytes: number,
  ancestor: { readonly bytes: number; readonly group: string } | undefined,
): string {
  if (hard === 'max' && soft === 'max')
    return ancestor
      ? `No limit of its own: ${ancestor.group} limits it to ${sizeText(ancestor.bytes)}.`
      : 'No limit but the machine’s memory.';
  if (hard !== 'max' && ancestor && hard > ancestor.bytes) return `Limited first by ${sizeText(ancestor.bytes)} on ${ancestor.group}.`;
  // memory.high acts at once; v1’s soft limit only when the machine runs short.
  const above = on.memory === 2 ? 'slowed down and reclaimed' : 'reclaimed first';
  if (hard === 'max')
    return `Above ${sizeText(soft)} it is ${above}${on.memory === 2 ? '' : ' when memory runs short'}; nothing is refused.`;
  const warned = soft !== 'max' && soft < hard ? `Above ${sizeText(soft)} it is ${above}; at` : 'At';
  return `${warned} ${sizeText(hard)} the kernel reclaims, and kills if that is not enough${hard >= memoryBytes ? '; the machine has no more' : ''}.`;
}

interface SmallProps extends PartProps {
  readonly field: TextName;
  readonly label: string;
  readonly unit?: string;
  readonly hint: string;
}

function Small({ form, faults, onChange, field, label, unit, hint }: SmallProps) {
  const id = useId();
  const fault = faults[field];
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="block truncate pb-1 text-sm font-medium">
        {label}
      </label>
      <ValueInput
        id={id}
        value={form[field]}
        onChange={(next) => onChange({ [field]: next })}
        unit={unit}
        faulty={fault !== undefined}
        aria-describedby={`${id}-help`}
      />
      <p id={`${id}-help`} className={fault === undefined ? 'mt-1 text-xs text-quiet' : 'mt-1 text-xs text-hard'}>
        {fault ?? hint}
      </p>
    </div>
  );
}
