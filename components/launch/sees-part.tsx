// What the program sees of the machine: its namespaces and its host name.
'use client';
import { switchNamespace } from './launch-form.ts';
import { NamespaceSwitches } from './namespace-switches.tsx';
import { FormText, Part, type PartProps } from './part.tsx';

export function SeesPart(part: PartProps & { readonly hostname: string }) {
  const { form, faults, onChange, hostname } = part;
  return (
    <Part title="Isolation">
      <NamespaceSwitches
        chosen={form.namespaces}
        fault={faults.namespaces}
        onSwitch={(kind, on) => onChange(switchNamespace(form.namespaces, kind, on))}
      />
      {form.namespaces.includes('uts') && (
        <FormText
          {...part}
          field="hostname"
          label="Host name"
          placeholder={hostname}
          help="Inside only. Empty: the host’s name."
          className="max-w-72"
        />
      )}
    </Part>
  );
}
