// Which network the process has, how fast it may be, and how far it reaches.
'use client';
import { type NetworkMode, networkHelp, networkModes } from '../../server/contract/launch.ts';
import { useHost } from '../live/hooks.ts';
import { Caution } from '../ui/caution.tsx';
import { Choice } from '../ui/choice.tsx';
import { TextField } from '../ui/field.tsx';
import { Switch } from '../ui/switch.tsx';
import { chooseNetwork, networkModeOf } from './launch-form.ts';
import type { PartProps } from './part.tsx';
import { Section } from './section.tsx';
import { networkSummary } from './summaries.ts';

const LABEL: Record<NetworkMode, string> = { none: 'None', host: 'The host’s', routed: 'Routed' };

export function NetworkSection({ form, faults, onChange }: PartProps) {
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
      {mode === 'host' && <Caution>It reaches everything that this machine reaches, its local services too.</Caution>}
      {mode === 'routed' && (
        <>
          <div className="grid grid-cols-1 gap-x-4 gap-y-3 @min-[440px]:grid-cols-2">
            <TextField
              label="Egress rate"
              mono
              value={form.egress}
              fault={faults.egress}
              placeholder="no limit"
              help="What it sends, such as 10 Mbit/s."
              onChange={(egress) => onChange({ egress })}
            />
            <TextField
              label="Ingress rate"
              mono
              value={form.ingress}
              fault={faults.ingress}
              placeholder="no limit"
              help="What it receives, such as 500 kbit/s."
              onChange={(ingress) => onChange({ ingress })}
            />
          </div>
          <Switch
            label="Reach the outside by the host’s address (NAT)"
            help={noNat ?? 'Without it, it reaches the host, and whoever has a route back to it.'}
            checked={form.nat}
            disabled={noNat !== undefined && !form.nat}
            onChange={(nat) => onChange({ nat })}
          />
          {faults.nat !== undefined && (
            <p role="alert" className="text-xs text-hard">
              {faults.nat}
            </p>
          )}
        </>
      )}
    </Section>
  );
}
