// What becomes of the process when it ends or is stopped, and who is pid 1.
'use client';
import type { RestartPolicy } from '../../server/contract/launch.ts';
import { Choice } from '../ui/choice.tsx';
import { TextField } from '../ui/field.tsx';
import { Switch } from '../ui/switch.tsx';
import type { PartProps } from './part.tsx';
import { Section } from './section.tsx';
import { lifeSummary } from './summaries.ts';

const POLICIES: ReadonlyArray<{ readonly value: RestartPolicy; readonly label: string; readonly help: string }> = [
  { value: 'never', label: 'Never', help: 'It runs once; how it ended stays.' },
  { value: 'on-failure', label: 'On failure', help: 'Not after exit code 0.' },
  { value: 'always', label: 'Always', help: 'However it ended, until it is stopped.' },
];

export function LifeSection({ form, faults, onChange }: PartProps) {
  const pid = form.namespaces.includes('pid');
  return (
    <Section title="Life" summary={lifeSummary(form)} faults={faults} fields={['restart', 'maxRetries', 'grace', 'init']}>
      <Choice
        label="Start again"
        options={POLICIES}
        value={form.restart}
        fault={faults.restart}
        onChange={(restart) => onChange({ restart })}
      />
      <div className="grid grid-cols-1 gap-x-4 gap-y-3 @min-[440px]:grid-cols-2">
        {form.restart !== 'never' && (
          <TextField
            label="Most restarts in a row"
            mono
            value={form.maxRetries}
            fault={faults.maxRetries}
            placeholder="without end"
            help="Each waits twice as long as the one before, up to a minute."
            onChange={(maxRetries) => onChange({ maxRetries })}
          />
        )}
        <TextField
          label="Grace time, seconds"
          mono
          value={form.grace}
          fault={faults.grace}
          help="Between SIGTERM and SIGKILL when it is stopped."
          onChange={(grace) => onChange({ grace })}
        />
      </div>
      <Switch
        label="A small init as pid 1"
        help={
          pid
            ? 'It reaps zombies and passes signals on. Without it the program is pid 1 itself, which ignores what it does not handle.'
            : 'Only with process numbers of its own.'
        }
        checked={form.init && pid}
        disabled={!pid}
        onChange={(init) => onChange({ init })}
      />
    </Section>
  );
}
