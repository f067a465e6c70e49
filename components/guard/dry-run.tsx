// What a plan would have done over the last minutes, before it is set: for each group that its pattern matches, the times.
'use client';
import { useState } from 'react';
import { groupMatcher, patternFault } from '../../server/contract/group-pattern.ts';
import type { GuardPlan } from '../../server/contract/guards.ts';
import { formatClock } from '../../server/contract/units.ts';
import { useAnswer } from '../group/use-answer.ts';
import { api, problemOf } from '../live/api.ts';
import { useGroupPaths, useTick } from '../live/hooks.ts';
import { cx } from '../ui/classes.ts';
import { Moment } from '../ui/moment.tsx';
import { Answered } from '../ui/spoken.tsx';
import { type DryRun as Answer, dryRunWords, spanBack, untriedWords, wouldHoldWords } from './dry-run-words.ts';
import { useSettled } from './use-settled.ts';

/** More groups of a pattern are counted. */
const TRIED = 8;
/** More times of a group are counted. */
const TIMES = 4;

interface Tried {
  readonly plan: GuardPlan;
  readonly groups: ReadonlyArray<{ readonly group: string; readonly run?: Answer; readonly refused?: string }>;
}

export function DryRun({ pattern, plan }: { readonly pattern: string; readonly plan: GuardPlan | undefined }) {
  const paths = useGroupPaths();
  const now = useTick()?.timeMs ?? 0;
  const matches = patternFault(pattern) === undefined ? groupMatcher([pattern]) : () => false;
  const matched = paths.filter((path) => path !== '/' && matches(path));
  const groups = matched.slice(0, TRIED);
  const id = useSettled(plan && groups.length > 0 ? JSON.stringify([groups, plan]) : undefined);
  const { data: fresh, loading } = useAnswer<Tried>(id, async () => {
    const [asked, tried] = JSON.parse(id ?? '[]') as [string[], GuardPlan];
    return { plan: tried, groups: await Promise.all(asked.map((group) => tryOne(group, tried))) };
  });
  // While another is tried, the last one stays.
  const [kept, setKept] = useState(fresh);
  if (fresh && fresh !== kept) setKept(fresh);
  const data = id === undefined ? undefined : (fresh ?? kept);
  const [first] = data?.groups ?? [];
  const untried = data && untriedWords(data.plan);
  return (
    <section aria-label="What it would have done" className="min-h-24 rounded-md border border-line bg-surface px-3 py-2 text-sm">
      <h3 className="pb-1 text-xs text-quiet">What it would have done</h3>
      <Answered of={fresh} className={cx(loading && 'pending')}>
        {matched.length === 0 && <p className="text-quiet">No group matches it now: there is nothing to try it on.</p>}
        {matched.length > 0 && plan === undefined && <p className="text-quiet">Shown once the fields are right.</p>}
        {data === undefined && plan && matched.length > 0 && <p className="text-quiet">Trying it over the last minutes…</p>}
        {data?.groups.length === 1 && first && <One {...first} plan={data.plan} now={now} />}
        {data && data.groups.length > 1 && (
          <ul className="divide-y divide-line/60">
            {data.groups.map((one) => (
              <OfMany key={one.group} {...one} plan={data.plan} now={now} />
            ))}
          </ul>
        )}
        {matched.length > TRIED && (
          <p className="pt-1 text-xs text-quiet">And {matched.length - TRIED} more groups, which are not tried.</p>
        )}
        {untried !== undefined && <p className="pt-1 text-xs text-quiet">{untried}</p>}
      </Answered>
    </section>
  );
}

async function tryOne(group: string, plan: GuardPlan): Promise<Tried['groups'][number]> {
  try {
    return { group, run: await api.tryGuard({ group, plan }) };
  } catch (error) {
    return { group, refused: problemOf(error).detail };
  }
}

interface OneProps {
  readonly group: string;
  readonly run?: Answer;
  readonly refused?: string;
  readonly plan: GuardPlan;
  readonly now: number;
}

function One({ run, refused, plan, now }: OneProps) {
  if (!run) return <p className="text-hard">{refused}</p>;
  const last = run.would.slice(-TIMES);
  return (
    <>
      <p>{dryRunWords(run, plan, now)}</p>
      <Strip run={run} now={now} />
      {run.would.length > TIMES && <p className="text-xs text-quiet">The last {TIMES}:</p>}
      <ol>
        {last.map((one) => (
          <li key={one.time} className="flex gap-3">
            <Moment at={one.time} className="text-quiet" />
            <span>{wouldHoldWords(one, run, plan)}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function OfMany({ group, run, refused, plan, now }: OneProps) {
  return (
    <li className="py-1">
      <p className="truncate font-mono text-xs" title={group}>
        {group}
      </p>
      {run ? <p className="text-quiet">{dryRunWords(run, plan, now)}</p> : <p className="text-hard">{refused}</p>}
      {run && run.would.length > 0 && (
        <p className="truncate">
          {run.would
            .slice(-TIMES)
            .map(({ time }) => formatClock(time))
            .join(' · ')}
        </p>
      )}
    </li>
  );
}

/** The time that was tried, with a mark where it would have been held. */
function Strip({ run, now }: { readonly run: Answer; readonly now: number }) {
  const { since, would } = run;
  if (would.length === 0) return null;
  return (
    <div aria-hidden className="my-1.5 flex items-center gap-2 text-2xs text-quiet">
      <span>−{spanBack(run, now)}</span>
      <span className="relative h-3 flex-1">
        <span className="absolute inset-x-0 top-1/2 h-px bg-line-strong" />
        {would.map(({ time }) => (
          <span
            key={time}
            className="absolute top-0 h-3 w-[3px] -translate-x-1/2 rounded-[1px] bg-frozen"
            style={{ left: `${Math.min(100, Math.max(0, ((time - since) / Math.max(1, now - since)) * 100))}%` }}
          />
        ))}
      </span>
      <span>now</span>
    </div>
  );
}
