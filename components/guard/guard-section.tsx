// The guard on a group's page: its state, the plan that applies and whose it is, and how to set, change or remove it.
'use client';
import { useState } from 'react';
import { planWords } from '../../server/contract/guard-words.ts';
import type { GuardPlan } from '../../server/contract/guards.ts';
import { useBusy } from '../frame/use-action.ts';
import { Button } from '../ui/button.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { later } from '../ui/later.tsx';
import { useQuestion } from '../ui/question.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { GuardState } from './guard-state.tsx';
import { patternText } from './pattern-text.ts';
import type { GuardsNow } from './use-guards.ts';

const GuardDialog = later(async () => (await import('./guard-dialog.tsx')).GuardDialog);

const OFF: GuardPlan = { off: true, deadlineSeconds: 300, steps: [], finally: 'thaw' };

export interface GuardSectionProps extends GuardsNow {
  readonly group: string;
  readonly reason: string | undefined;
}

export function GuardSection({ group, reason, guards, error, change }: GuardSectionProps) {
  const ask = useQuestion();
  const [editing, setEditing] = useState(false);
  const [doing, busy] = useBusy();
  if (!guards) return error ? <ErrorState problem={error} bare /> : <Skeleton className="h-8" />;
  const guarded = guards.groups.find((one) => one.group === group);
  const seen = guarded && guards.guards[guarded.pattern];
  const plan = guarded?.plan ?? seen;
  const ofLaunch = guarded?.plan !== undefined;
  const own = ofLaunch || guarded?.pattern === patternText(group);
  const drop = async () => {
    const sure = await ask({
      title: `Remove the guard of ${group}?`,
      body: 'It gets back what it had, and at its limit the kernel kills as if there had been no guard.',
      confirm: 'Remove the guard',
      danger: false,
    });
    // The launch still asks for its guard: an entry for its group applies instead.
    if (sure && guarded)
      await busy(true, () =>
        change(
          ofLaunch ? { pattern: patternText(group), plan: OFF, seen: undefined } : { pattern: guarded.pattern, plan: undefined, seen },
        ),
      );
  };
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <div className="min-w-56 flex-1 text-sm leading-5">
        {guarded && plan ? (
          <>
            <GuardState {...guarded} />
            <p className="text-quiet">
              {planWords(plan)}
              {ofLaunch && ' It came with the launch.'}
              {!own && (
                <>
                  {' '}
                  By the pattern <code className="font-mono text-text">{guarded.pattern}</code>.
                </>
              )}
            </p>
          </>
        ) : (
          <p className="text-quiet">
            No guard: when it runs out of memory, the kernel kills in it. A guard stops it first, and you decide.
          </p>
        )}
        {guards.problem !== undefined && <p className="text-hard">guards.json: {guards.problem}</p>}
      </div>
      <div className="flex gap-2">
        <Button reason={reason} onClick={() => setEditing(true)}>
          {guarded ? (own ? 'Change…' : 'Set its own…') : 'Set a guard…'}
        </Button>
        {own && (
          <Button variant="quiet" reason={reason} pending={doing === true} onClick={() => void drop()}>
            Remove
          </Button>
        )}
      </div>
      {editing && (
        <GuardDialog pattern={patternText(group)} plan={plan} guards={guards.guards} change={change} onClose={() => setEditing(false)} />
      )}
    </div>
  );
}
