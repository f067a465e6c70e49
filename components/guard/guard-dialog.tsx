// The form that sets the guard of a group, or of all groups that match a pattern.
'use client';
import { useState } from 'react';
import { planWords } from '../../server/contract/guard-words.ts';
import type { GuardFile, GuardPlan } from '../../server/contract/guards.ts';
import { useAction } from '../frame/use-action.ts';
import { Dialog, DialogForm } from '../ui/dialog.tsx';
import { ProblemFacts } from '../ui/error-state.tsx';
import { Fault, TextField } from '../ui/field.tsx';
import { DryRun } from './dry-run.tsx';
import { PlanFields } from './plan-fields.tsx';
import { formOfPlan, newPlan, planFaults, planOf } from './plan-form.ts';
import type { GuardsNow } from './use-guards.ts';

export interface GuardDialogProps {
  readonly pattern: string;
  /** The plan that applies now. */
  readonly plan: GuardPlan | undefined;
  readonly guards: GuardFile['guards'];
  readonly change: GuardsNow['change'];
  readonly onClose: () => void;
}

export function GuardDialog({ pattern, plan, guards, change, onClose }: GuardDialogProps) {
  const [to, setTo] = useState(pattern);
  // Those that the person sees: what others set meanwhile is not replaced unasked.
  const [seen] = useState(guards);
  const [form, setForm] = useState(plan ? formOfPlan(plan) : newPlan);
  const [tried, setTried] = useState(false);
  const { pending, problem, run } = useAction();
  const faults = planFaults(form);
  const next = planOf(form);
  const wrong = to.startsWith('/') ? undefined : 'Begins with a slash, as groups’ paths do.';
  const replaced = to === pattern ? undefined : seen[to];
  const submit = () => {
    setTried(true);
    if (!next || wrong !== undefined) return;
    void run(async () => {
      if (await change({ pattern: to, plan: next, seen: seen[to] })) onClose();
    });
  };
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title="Guard"
      description="The group is stopped before the kernel kills in it, and a person or these steps decide."
    >
      <DialogForm onClose={onClose} onSubmit={submit} submit="Set the guard" pending={pending}>
        <div className="@container flex flex-col gap-4">
          <TextField
            label="For"
            mono
            value={to}
            onChange={setTo}
            fault={wrong}
            help="A group, or a pattern: /docker/* or /system.slice/**. The narrowest applies."
          />
          <PlanFields form={form} faults={tried ? faults : {}} onChange={(change) => setForm((last) => ({ ...last, ...change }))} />
          {replaced && <p className="text-sm">It has a guard already, which is replaced: {planWords(replaced)}</p>}
          {next && <p className="rounded-md bg-surface px-2.5 py-1.5 text-sm text-quiet">{planWords(next)}</p>}
          <DryRun pattern={to} plan={next} />
          {problem && (
            <div>
              <Fault>{problem.detail}</Fault>
              <ProblemFacts problem={problem} className="mt-1" />
            </div>
          )}
        </div>
      </DialogForm>
    </Dialog>
  );
}
