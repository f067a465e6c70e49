// The page of all guards: each pattern with its plan, the groups that it matches, and their states.
'use client';
import { Plus } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { planWords } from '../../server/contract/guard-words.ts';
import type { GuardedGroup, GuardPlan } from '../../server/contract/guards.ts';
import { groupHref } from '../frame/links.ts';
import { useBusy } from '../frame/use-action.ts';
import { useHost, useWhyNotAct } from '../live/hooks.ts';
import { Button } from '../ui/button.tsx';
import { Caution } from '../ui/caution.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { later } from '../ui/later.tsx';
import { useQuestion } from '../ui/question.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { GuardState } from './guard-state.tsx';
import { type GuardsNow, useGuards } from './use-guards.ts';

const GuardDialog = later(async () => (await import('./guard-dialog.tsx')).GuardDialog);

/** More of one pattern are counted. */
const SHOWN = 50;

interface Editing {
  readonly pattern: string;
  readonly plan: GuardPlan | undefined;
}

export function GuardsPage() {
  const now = useGuards();
  const reason = useWhyNotAct();
  const root = useHost()?.managedRoot ?? '';
  const [editing, setEditing] = useState<Editing>();
  const { guards, error } = now;
  const patterns = Object.entries(guards?.guards ?? {});
  const add = (
    <Button icon={Plus} reason={reason} onClick={() => setEditing({ pattern: `${root}/*`, plan: undefined })}>
      New guard
    </Button>
  );
  return (
    <div className="mx-auto flex max-w-[960px] flex-col gap-4 p-4 max-sm:p-3">
      <header className="flex items-center gap-4">
        <div className="min-w-0 flex-1">
          <h1 className="text-xl font-semibold">Guards</h1>
          <p className="text-quiet">A group that is about to run out of memory is stopped, and a person or a rule decides.</p>
        </div>
        {patterns.length > 0 && add}
      </header>
      {guards?.problem !== undefined && <Caution>{guards.problem}</Caution>}
      {!guards && (error ? <ErrorState problem={error} /> : <Skeleton className="h-40" />)}
      {guards && patterns.length === 0 && (
        <EmptyState title="No guard yet" actions={add}>
          A guard stops a group before the kernel kills in it, and notifies you. Set one for a group, or for all groups of a pattern.
        </EmptyState>
      )}
      {patterns.map(([pattern, plan]) => (
        <Guard
          key={pattern}
          pattern={pattern}
          plan={plan}
          groups={guards?.groups.filter((one) => one.pattern === pattern) ?? []}
          reason={reason}
          change={now.change}
          onEdit={() => setEditing({ pattern, plan })}
        />
      ))}
      {editing && <GuardDialog {...editing} guards={guards?.guards ?? {}} change={now.change} onClose={() => setEditing(undefined)} />}
    </div>
  );
}

interface GuardProps {
  readonly pattern: string;
  readonly plan: GuardPlan;
  readonly groups: readonly GuardedGroup[];
  readonly reason: string | undefined;
  readonly change: GuardsNow['change'];
  readonly onEdit: () => void;
}

function Guard({ pattern, plan, groups, reason, change, onEdit }: GuardProps) {
  const ask = useQuestion();
  const [doing, busy] = useBusy();
  const drop = async () => {
    const sure = await ask({
      title: `Remove the guard of ${pattern}?`,
      body:
        groups.length === 0
          ? 'It matches no group now.'
          : 'Its groups get back what they had; one that is held continues. At their limits the kernel kills as if there had been no guard.',
      confirm: 'Remove the guard',
      danger: false,
    });
    if (sure) await busy(true, () => change({ pattern, plan: undefined, seen: plan }));
  };
  return (
    <section aria-label={pattern} className="rounded-lg border border-line bg-raised p-4">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-56 flex-1">
          <h2 className="font-mono font-medium break-all">{pattern}</h2>
          <p className="text-sm text-quiet">{planWords(plan)}</p>
        </div>
        <div className="flex gap-2">
          <Button reason={reason} onClick={onEdit}>
            Change…
          </Button>
          <Button variant="quiet" reason={reason} pending={doing === true} onClick={() => void drop()}>
            Remove
          </Button>
        </div>
      </div>
      <ul className="mt-3 divide-y divide-line border-t border-line text-sm">
        {groups.slice(0, SHOWN).map((one) => (
          <li key={one.group} className="flex flex-wrap items-start gap-x-4 py-1.5">
            <Link href={groupHref(one.group)} className="min-w-0 flex-1 basis-60 truncate font-mono hover:underline" title={one.group}>
              {one.group}
            </Link>
            <span className="min-w-0 flex-1 basis-60">
              <GuardState {...one} />
            </span>
          </li>
        ))}
        {groups.length === 0 && <li className="py-1.5 text-quiet">No group matches it now.</li>}
        {groups.length > SHOWN && <li className="py-1.5 text-quiet">And {groups.length - SHOWN} more.</li>}
      </ul>
    </section>
  );
}
