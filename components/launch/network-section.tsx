// The network of the program, its rates, and how far it reaches.
'use client';
import { type NetworkMode, networkHelp, networkModes } from '../../server/contract/launch-options.ts';
import { useHost } from '../live/hooks.ts';
import { Caution } from '../ui/caution.tsx';
import { Choice } from '../ui/choice.tsx';
import { Fault } from '../ui/field.tsx';
import { Switch } from '../ui/switch.tsx';
import { chooseNetwork, networkModeOf } from './launch-form.ts';
import { FormText, type PartProps } from './part.tsx';
import { Section } from './section.tsx';
import { networkSummary } from './summaries.ts';

const LABEL: Record<NetworkMode, string> = { none: 'None', host: 'The host’s', routed: 'Routed' };

export function NetworkSection(part: PartProps) {
  const { form, faults, onChange } = part;
  const mode = networkModeOf(form);
  const noNetwork = useHost()?.noNetwork;
  const noNat = noNetwork?.nat;
  return (
    <Section title="Network" summary={networkSummary(form)} faults={faults} fields={['network', 'egress', 'ingress', 'nat']}>
      <Choice
        label="Network"
        options={networkModes.map((value) => ({
          value,
          label: LABEL[value],
          help: networkHelp[value],
          reason: value === 'routed' ? noNetwork?.routed : undefined,
        }))}
        value={mode}
        fault={faults.network}
        onChange={(network) => onChange(chooseNetwork(network, form.namespaces))}
      />
      {mode === 'host' && <Caution>It can reach everything that this machine can, including local services.</Caution>}
      {mode === 'routed' && (
        <>
          <div className="grid grid-cols-1 gap-x-4 gap-y-3 @min-[440px]:grid-cols-2">
            <FormText {...part} field="egress" label="Egress rate" placeholder="no limit" help="What it sends, such as 10 Mbit/s." />
            <FormText {...part} field="ingress" label="Ingress rate" placeholder="no limit" help="What it receives, such as 500 kbit/s." />
          </div>
          <Switch
            label="Reach other machines with the host’s address (NAT)"
            help={noNat ?? 'Without it, it reaches the host, and machines that have a route back.'}
            checked={form.nat}
            disabled={noNat !== undefined && !form.nat}
            onChange={(nat) => onChange({ nat })}
          />
          <Fault>{faults.nat}</Fault>
        </>
      )}
    </Section>
  );
}
