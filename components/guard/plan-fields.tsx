// The fields of a guard's plan: when it holds the group, how long people have, and what is done when no person decided.
'use client';
import { ArrowUp, Plus, X } from 'lucide-react';
import type { GuardPlan, GuardStep } from '../../server/contract/guards.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { BareInput, Fault, TextField } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import { newStep, type PlanFaults, type PlanForm, type StepForm } from './plan-form.ts';

const STEPS: ReadonlyArray<{ readonly value: GuardStep['do']; readonly label: string }> = [
  { value: 'raise', label: 'Raise the limit' },
  { value: 'reclaim', label: 'Reclaim (v2)' },
  { value: 'killLargest', label: 'Kill the largest process' },
  { value: 'kill', label: 'Kill all its processes' },
  { value: 'thaw', label: 'Continue without the guard' },
];

const LAST: ReadonlyArray<{ readonly value: GuardPlan['finally']; readonly label: string }> = [
  { value: 'thaw', label: 'Continue without the guard' },
  { value: 'killLargest', label: 'Kill the largest process' },
  { value: 'kill', label: 'Kill all its processes' },
];

export interface PlanFieldsProps {
  readonly form: PlanForm;
  readonly faults: PlanFaults;
  readonly onChange: (change: Partial<PlanForm>) => void;
}

export function PlanFields({ form, faults, onChange }: PlanFieldsProps) {
  const text = (field: Exclude<keyof PlanForm, 'steps' | 'last'>) => ({
    value: form[field],
    fault: faults[field],
    onChange: (value: string) => onChange({ [field]: value }),
    mono: true,
  });
  return (
    <div className="flex flex-col gap-4">
      <div className="grid grid-cols-1 gap-x-4 gap-y-3 @min-[440px]:grid-cols-2">
        <TextField
          {...text('line')}
          label="Line"
          placeholder="none"
          help="It is held where it uses so much: 90% of its limit, or a size such as 400M."
        />
        <TextField {...text('deadline')} label="Time to decide, seconds" help="Then the steps below decide. 0: they decide at once." />
      </div>
      <StepList form={form} fault={faults.steps} onChange={onChange} />
      <details className="group/more">
        <summary className="text-sm text-quiet hover:text-text">More reasons to hold it</summary>
        <div className="mt-3 grid grid-cols-1 gap-x-4 gap-y-3 @min-[440px]:grid-cols-2">
          <TextField
            {...text('memswLine')}
            label="Line on memory and swap"
            placeholder="none"
            help="cgroup v1: 90% of that limit, or a size such as 1G. v2 has no such limit."
            className="@min-[440px]:col-span-2"
          />
          <TextField
            {...text('thrashingPercent')}
            label="All its tasks wait for memory, % of the time"
            placeholder="never"
            help="By pressure (PSI, full): it neither works nor dies."
          />
          <TextField {...text('thrashingSeconds')} label="For so many seconds" help="Of waiting, without a pause." />
          <TextField
            {...text('growthSeconds')}
            label="Its limit is so many seconds away"
            placeholder="never"
            help="By its growth over the last minute."
          />
          <TextField
            {...text('machinePriority')}
            label="The machine runs short: its priority"
            placeholder="not held for it"
            help="0 to 100; the lowest are held first."
          />
        </div>
      </details>
    </div>
  );
}

interface StepListProps {
  readonly form: PlanForm;
  readonly fault: string | undefined;
  readonly onChange: (change: Partial<PlanForm>) => void;
}

function StepList({ form, fault, onChange }: StepListProps) {
  const { steps, last } = form;
  const change = (id: number, next: Partial<StepForm>) =>
    onChange({ steps: steps.map((step) => (step.id === id ? { ...step, ...next } : step)) });
  const up = (i: number) => onChange({ steps: steps.map((step, j) => (j === i - 1 ? steps[i] : j === i ? steps[i - 1] : step) ?? step) });
  return (
    <fieldset className="min-w-0">
      <legend className="pb-1.5 text-sm font-medium">When no person decided</legend>
      <ol className="flex flex-col gap-2">
        {steps.map((step, i) => (
          <li key={step.id} className="flex flex-wrap items-center gap-2">
            <span className="w-9 text-sm text-quiet">{i === 0 ? 'first' : 'else'}</span>
            <Select
              label={`Step ${i + 1}`}
              options={STEPS}
              value={step.do}
              onChange={(next) => change(step.id, { do: next })}
              className="w-52"
            />
            <span className="ml-auto flex">
              {i > 0 && <IconButton icon={ArrowUp} size="sm" label={`Step ${i + 1} earlier`} onClick={() => up(i)} />}
              <IconButton
                icon={X}
                size="sm"
                label={`Remove step ${i + 1}`}
                onClick={() => onChange({ steps: steps.filter(({ id }) => id !== step.id) })}
              />
            </span>
            {step.do === 'raise' && (
              <span className="flex basis-full items-center gap-1.5 pl-11 text-sm whitespace-nowrap text-quiet max-sm:pl-0">
                by
                <BareInput
                  label={`Step ${i + 1}: per cent`}
                  mono
                  className="w-14!"
                  value={step.percent}
                  onChange={(percent) => change(step.id, { percent })}
                />
                % to at most
                <BareInput
                  label={`Step ${i + 1}: at most`}
                  mono
                  className="w-20!"
                  value={step.upTo}
                  onChange={(upTo) => change(step.id, { upTo })}
                />
                <BareInput
                  label={`Step ${i + 1}: times`}
                  mono
                  className="w-12!"
                  value={step.times}
                  onChange={(times) => change(step.id, { times })}
                />
                times
              </span>
            )}
          </li>
        ))}
        <li className="flex flex-wrap items-center gap-2">
          <span className="w-9 text-sm text-quiet">{steps.length === 0 ? 'then' : 'last'}</span>
          <Select label="Last step" options={LAST} value={last} onChange={(next) => onChange({ last: next })} className="w-52" />
          {steps.length < 16 && (
            <Button variant="quiet" size="sm" icon={Plus} onClick={() => onChange({ steps: [...steps, newStep('raise', steps)] })}>
              A step before it
            </Button>
          )}
        </li>
      </ol>
      <Fault className="mt-1">{fault}</Fault>
    </fieldset>
  );
}
