// The devices that the program may use: no rules, those of containers, or a list.
'use client';
import type { Host } from '../../server/contract/answers.ts';
import { versionOf } from '../../server/contract/controller.ts';
import { containerDevices, deviceName, deviceRuleText } from '../../server/contract/devices.ts';
import { Choice } from '../ui/choice.tsx';
import { Fault } from '../ui/field.tsx';
import { later } from '../ui/later.tsx';
import { rowOf } from './devices-of-form.ts';
import type { DeviceChoice } from './launch-form.ts';
import type { PartProps } from './part.tsx';
import { Section } from './section.tsx';
import { devicesSummary } from './summaries.ts';

const DeviceRows = later(async () => (await import('./device-rows.tsx')).DeviceRows);

const CHOICES: ReadonlyArray<{ value: DeviceChoice; label: string; help: string }> = [
  { value: 'unruled', label: 'No rules', help: 'What the groups above and the files’ permissions allow.' },
  { value: 'container', label: 'As containers have it', help: 'null, zero, full, random, terminals; device files may be made, not used.' },
  { value: 'own', label: 'Your own rules', help: 'Everything else is denied.' },
];

export function DevicesSection({ host, ...part }: PartProps & { readonly host: Pick<Host, 'hierarchies'> }) {
  const { form, faults, onChange } = part;
  const onV1 = versionOf('devices', host.hierarchies) === 1;
  return (
    <Section title="Devices" summary={devicesSummary(form)} faults={faults} fields={['devices']}>
      <Choice
        label="What it may use"
        options={CHOICES}
        value={form.devices}
        onChange={(devices) =>
          onChange({
            devices,
            // One’s own list starts with that of containers: removing is easier than looking up numbers.
            ...(devices === 'own' && form.deviceRows.length === 0 ? { deviceRows: containerDevices.map(rowOf) } : {}),
          })
        }
      />
      {form.devices === 'container' && (
        <ul aria-label="What is allowed" className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
          {containerDevices.map((rule) => (
            <li key={deviceRuleText(rule)} className="whitespace-nowrap">
              <code className="font-mono text-xs">{deviceRuleText(rule)}</code> <span className="text-quiet">{deviceName(rule)}</span>
            </li>
          ))}
        </ul>
      )}
      {form.devices === 'own' ? <DeviceRows {...part} /> : <Fault>{faults.devices}</Fault>}
      {form.devices !== 'unruled' && (
        <p className="text-xs text-quiet">
          {onV1
            ? 'Written to devices.deny and devices.allow of the group. It can allow no more than the group above.'
            : 'A BPF program on the group, asked at every open and mknod. The programs of the groups above must allow it too.'}
        </p>
      )}
    </Section>
  );
}
