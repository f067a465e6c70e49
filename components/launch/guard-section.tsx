// The guard of a launch: set before the program starts, so that it cannot grow past its line unseen.
'use client';
import { planWords } from '../../server/contract/guard-words.ts';
import { newPlan, planFaults, planOf } from '../guard/plan-form.ts';
import { later } from '../ui/later.tsx';
import { Switch } from '../ui/switch.tsx';
import type { PartProps } from './part.tsx';
import { Section } from './section.tsx';
import { guardSummary } from './summaries.ts';

const PlanFields = later(async () => (await import('../guard/plan-fields.tsx')).PlanFields);

export function GuardSection({ form, faults, onChange }: PartProps) {
  const { guard } = form;
  const plan = guard && planOf(guard);
  return (
    <Section title="Guard" summary={guardSummary(form)} openAtFirst={guard !== undefined} faults={faults} fields={['guard']}>
      <Switch
        label="Stop it before it runs out of memory"
        help="Then a person or the steps decide: raise the limit, kill, or let it continue."
        checked={guard !== undefined}
        onChange={(on) => onChange({ guard: on ? newPlan : undefined })}
      />
      {guard && (
        <PlanFields
          form={guard}
          faults={faults.guard === undefined ? {} : planFaults(guard)}
          onChange={(change) => onChange({ guard: { ...guard, ...change } })}
        />
      )}
      {plan && <p className="rounded-md bg-surface px-2.5 py-1.5 text-sm text-quiet">{planWords(plan)}</p>}
    </Section>
  );
}
