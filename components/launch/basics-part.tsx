// What runs, under which name, and whether it gets a terminal.
'use client';
import type { Host } from '../../server/contract/answers.ts';
import { TextField } from '../ui/field.tsx';
import { Switch } from '../ui/switch.tsx';
import { CommandField } from './command-field.tsx';
import { Part, type PartProps } from './part.tsx';

export function BasicsPart({ form, faults, onChange, host }: PartProps & { readonly host: Pick<Host, 'managedRoot' | 'hierarchies'> }) {
  return (
    <Part title="What runs">
      <TextField
        label="Name"
        mono
        value={form.name}
        fault={faults.name}
        autoComplete="off"
        spellCheck={false}
        help={
          <>
            The group is made at{' '}
            <code className="font-mono">
              {host.managedRoot}/{form.name === '' ? '…' : form.name}
            </code>
            {host.hierarchies.length > 1 ? ' in every hierarchy.' : '.'}
          </>
        }
        onChange={(name) => onChange({ name })}
      />
      <CommandField value={form.command} fault={faults.command} onChange={(command) => onChange({ command })} />
      <Switch
        label="Terminal"
        help="A terminal of its own that can be typed into from this page, instead of stdout and stderr apart."
        checked={form.tty}
        onChange={(tty) => onChange({ tty })}
      />
    </Part>
  );
}
