// What runs, its name, and whether it has a terminal.
'use client';
import type { Host } from '../../server/contract/answers.ts';
import { Switch } from '../ui/switch.tsx';
import { CommandField } from './command-field.tsx';
import { FormText, Part, type PartProps } from './part.tsx';

export function BasicsPart(part: PartProps & { readonly host: Pick<Host, 'managedRoot' | 'hierarchies'> }) {
  const { form, faults, onChange, host } = part;
  return (
    <Part title="What runs">
      <FormText
        {...part}
        field="name"
        label="Name"
        help={
          <>
            The group is created at{' '}
            <code className="font-mono">
              {host.managedRoot}/{form.name === '' ? '…' : form.name}
            </code>
            {host.hierarchies.length > 1 ? ' in every hierarchy.' : '.'}
          </>
        }
      />
      <CommandField value={form.command} fault={faults.command} onChange={(command) => onChange({ command })} />
      <Switch
        label="Terminal"
        help="A terminal to type into from this page, instead of separate stdout and stderr."
        checked={form.tty}
        onChange={(tty) => onChange({ tty })}
      />
    </Part>
  );
}
