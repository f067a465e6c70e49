// What happens when the program ends or is stopped, and what pid 1 is.
'use client';
import type { RestartPolicy } from '../../server/contract/launch-options.ts';
import { Choice } from '../ui/choice.tsx';
import { Switch } from '../ui/switch.tsx';
import { FormText, type PartProps } from './part.tsx';
import { Section } from './section.tsx';
import { lifeSummary } from './summaries.ts';

const POLICIES: ReadonlyArray<{ readonly value: RestartPolicy; readonly label: string; readonly help: string }> = [
  { value: 'never', label: 'Never', help: 'It runs once.' },
  { value: 'on-failure', label: 'On failure', help: 'Not after exit code 0.' },
  { value: 'always', label: 'Always', help: 'After any end, until it is stopped.' },
];

export function LifeSection(part: PartProps) {
  const { form, faults, onChange } = part;
  const pid = form.namespaces.includes('pid');
  return (
    <Section title="Restart, stop" summary={lifeSummary(form)} faults={faults} fields={['restart', 'maxRetries', 'grace', 'init']}>
      <Choice
        label="Restart"
        options={POLICIES}
        value={form.restart}
        fault={faults.restart}
        onChange={(restart) => onChange({ restart })}
      />
      <div className="grid grid-cols-1 gap-x-4 gap-y-3 @min-[440px]:grid-cols-2">
        {form.restart !== 'never' && (
          <FormText
            {...part}
            field="maxRetries"
            label="Restarts in a row"
            placeholder="unlimited"
            help="Each waits twice as long as the one before, up to a minute."
          />
        )}
        <FormText {...part} field="grace" label="Grace time, seconds" help="Between SIGTERM and SIGKILL when it is stopped." />
      </div>
      <Switch
        label="A small init as pid 1"
        help={
          pid
            ? 'It reaps zombies and forwards signals. Without it the program is pid 1, which ignores signals that it does not handle.'
            : 'Only with its own process numbers.'
        }
        checked={form.init && pid}
        disabled={!pid}
        onChange={(init) => onChange({ init })}
      />
    </Section>
  );
}
