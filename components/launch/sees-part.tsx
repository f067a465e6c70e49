// What the process sees of the machine: its namespaces, and the name of its host.
'use client';
import { TextField } from '../ui/field.tsx';
import { switchNamespace } from './launch-form.ts';
import { NamespaceSwitches } from './namespace-switches.tsx';
import { Part, type PartProps } from './part.tsx';

export function SeesPart({ form, faults, onChange, hostname }: PartProps & { readonly hostname: string }) {
  return (
    <Part title="What it sees">
      <NamespaceSwitches
        chosen={form.namespaces}
        fault={faults.namespaces}
        onSwitch={(kind, on) => onChange(switchNamespace(form.namespaces, kind, on))}
      />
      {form.namespaces.includes('uts') && (
        <TextField
          label="Host name"
          mono
          value={form.hostname}
          placeholder={hostname}
          fault={faults.hostname}
          help="Inside only. Empty: as the host."
          onChange={(next) => onChange({ hostname: next })}
          className="max-w-72"
        />
      )}
    </Part>
  );
}
