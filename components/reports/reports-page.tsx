// The reports, newest first: each by its sentence.
'use client';
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import type { EventKind } from '../../server/contract/events.ts';
import type { ReportSummary } from '../../server/contract/reports.ts';
import { formatClock } from '../../server/contract/units.ts';
import { reportHref, reportsHref } from '../frame/links.ts';
import { useBusy } from '../frame/use-action.ts';
import { useAnswer } from '../group/use-answer.ts';
import { api } from '../live/api.ts';
import { useEvents } from '../live/hooks.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { HeldGlyph, OomGlyph } from '../ui/glyphs.tsx';
import { Moment } from '../ui/moment.tsx';
import { dayOf } from '../ui/moment-words.ts';
import { PathText } from '../ui/path-text.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { victimWords } from './words.ts';

const SHOWN = 100;
const REPORTED: ReadonlySet<EventKind> = new Set(['oom_kill', 'hold', 'decision']);
/** A report is written a second after its event. */
const EVERY_MS = 3000;

export function ReportsPage() {
  const group = useSearchParams().get('group') ?? undefined;
  const asked = { limit: SHOWN, ...(group === undefined ? {} : { group }) };
  const kills = useEvents().findLast(({ kind }) => REPORTED.has(kind))?.id;
  // A new kill or catch reads at once, and again when its report is there.
  const { data, error } = useAnswer(`${group} ${kills}`, () => api.reports(asked), EVERY_MS);
  const [older, setOlder] = useState<{
    readonly group: string | undefined;
    readonly reports: readonly ReportSummary[];
    readonly more: boolean;
  }>();
  const [loading, busy] = useBusy();
  const past = older?.group === group ? older : undefined;
  const [last, setLast] = useState<typeof data>();
  if (data && data !== last) setLast(data);
  const shown = data ?? last;
  const reports = shown && [...shown.reports, ...(past?.reports ?? []).filter(({ id }) => id < (shown.reports.at(-1)?.id ?? 0))];
  const load = () =>
    void busy(true, async () => {
      const next = await api.reports({ ...asked, before: reports?.at(-1)?.id ?? 1 });
      setOlder({ group, reports: [...(past?.reports ?? []), ...next.reports], more: next.more });
    });
  return (
    <div className="flex min-h-full flex-col">
      <header className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-b border-line px-4 pt-3 pb-3 max-sm:px-3">
        <h1 className="text-lg font-semibold">Reports</h1>
        {group === undefined ? (
          <p className="text-sm text-quiet">
            OOM kills, and groups that guards caught: who, why, and what led to it. The last 1,000 are kept.
          </p>
        ) : (
          <p className="flex min-w-0 items-baseline gap-2 text-sm text-quiet">
            in <PathText path={group} />
            <Link href={reportsHref()} className="shrink-0 underline underline-offset-2">
              all groups
            </Link>
          </p>
        )}
      </header>
      {!reports ? (
        error ? (
          <div className="p-4">
            <ErrorState problem={error} />
          </div>
        ) : (
          <Waiting />
        )
      ) : reports.length === 0 ? (
        <EmptyState title="Nothing was killed or caught" actions={<LinkButton href="/launch">Launch a leak</LinkButton>}>
          When the kernel kills a process because a group or the machine is out of memory, or a guard stops a group before that, a report of
          it is here a second later.
        </EmptyState>
      ) : (
        <ol>
          {reports.map((report) => (
            <ReportRow key={report.id} report={report} />
          ))}
        </ol>
      )}
      {reports && reports.length > 0 && (past?.more ?? shown?.more) && (
        <div className="flex h-14 items-center justify-center">
          <Button size="sm" variant="quiet" pending={loading} onClick={load}>
            Load older reports
          </Button>
        </div>
      )}
    </div>
  );
}

function ReportRow({ report }: { readonly report: ReportSummary }) {
  const { id, time, group, sentence, kind, victim } = report;
  return (
    <li className="border-b border-line/60">
      <Link
        href={reportHref(id)}
        prefetch={false}
        className="grid grid-cols-[16px_minmax(0,1fr)_auto] gap-x-3 px-4 py-2.5 -outline-offset-2 hover:bg-hover max-sm:px-3"
      >
        {kind === 'catch' ? <HeldGlyph className="mt-0.5" /> : <OomGlyph className="mt-0.5" />}
        <span className="font-medium [overflow-wrap:anywhere]">{sentence}</span>
        <Moment at={time} className="text-right text-sm text-quiet">
          {formatClock(time)}
          <span className="block text-xs">{dayOf(time)}</span>
        </Moment>
        <span className="col-span-2 col-start-2 flex min-w-0 gap-2 text-quiet">
          {kind === 'catch' && <span className="text-xs">caught by its guard</span>}
          {sentence.includes(group) || <PathText path={group} />}
          {victim && <span className="truncate text-xs">{victimWords(victim)}</span>}
        </span>
      </Link>
    </li>
  );
}

function Waiting() {
  return (
    <div role="status" aria-label="Loading the reports">
      {['w-2/3', 'w-1/2', 'w-3/4', 'w-3/5'].map((width) => (
        <div key={width} className="border-b border-line/60 px-4 py-3">
          <Skeleton className={`h-3.5 ${width}`} />
          <Skeleton className="mt-2 h-3 w-40" />
        </div>
      ))}
    </div>
  );
}
