// One report: the sentence, and below it everything that is known, most telling first.
'use client';
import { Braces, Check, Copy } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import type { ReactNode } from 'react';
import { API } from '../../server/contract/address.ts';
import { heldWords } from '../../server/contract/event-words.ts';
import type { Report } from '../../server/contract/reports.ts';
import { visible } from '../../server/contract/visible.mjs';
import { eventsHref, groupHref, reportsHref } from '../frame/links.ts';
import { useAnswer } from '../group/use-answer.ts';
import { api } from '../live/api.ts';
import { Button, buttonClass, LinkButton } from '../ui/button.tsx';
import { clipboardFault, useCopy } from '../ui/copy-button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { OomGlyph } from '../ui/glyphs.tsx';
import { Moment } from '../ui/moment.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { HoldParts } from './hold-parts.tsx';
import { MemoryBar } from './memory-bar.tsx';
import { PastList } from './past-list.tsx';
import { ReportHistory } from './report-history.tsx';
import { LimitTable, TaskTable, VictimTable } from './report-tables.tsx';
import { momentOf } from './words.ts';

export function ReportPage() {
  const id = Number(useSearchParams().get('id'));
  const isId = Number.isSafeInteger(id) && id > 0;
  const { data, error, again } = useAnswer(isId ? String(id) : undefined, () => api.report({ id }));
  if (!isId)
    return (
      <EmptyState title="Which report?" actions={<LinkButton href={reportsHref()}>All reports</LinkButton>}>
        The address has no number of a report.
      </EmptyState>
    );
  if (data) return <Shown report={data.report} text={data.text} />;
  if (!error) return <Waiting />;
  return (
    <div className="p-4">
      <h1 className="sr-only">Report {id}</h1>
      <ErrorState
        problem={error}
        actions={
          <>
            <Button onClick={again}>Try again</Button>
            <LinkButton href={reportsHref()}>All reports</LinkButton>
          </>
        }
      />
    </div>
  );
}

function Shown({ report, text }: { readonly report: Report; readonly text: string }) {
  const { copied, copy } = useCopy();
  const { id, group, sentence, time, host, kind, owner, late, kernel, charged, limits, victims, history, hold, decisions = [] } = report;
  return (
    <article className="px-4 pt-3 pb-8 max-sm:px-3">
      <header>
        <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-quiet">
          <OomGlyph />
          <span className="font-medium text-hard">{kind === 'kill' ? 'OOM kill' : 'Caught'}</span>
          <Moment at={time}>{momentOf(time)}</Moment>
          <span>on {host}</span>
          {late && <span>found later: cgdeck was not running</span>}
        </div>
        <h1 className="mt-1.5 max-w-[76ch] text-xl font-semibold text-pretty [overflow-wrap:anywhere]">{sentence}</h1>
        {owner && (
          <p className="mt-1.5 text-sm text-quiet [overflow-wrap:anywhere]">
            {OWNER[owner.kind]} <span className="text-text">{owner.name}</span>
            {owner.argv && <span className="ml-2 font-mono text-xs">{visible(owner.argv.join(' '))}</span>}
          </p>
        )}
        <div className="mt-3 flex flex-wrap gap-2">
          <Button variant="primary" icon={copied ? Check : Copy} reason={clipboardFault()} onClick={() => copy(text)}>
            {copied ? 'Copied' : 'Copy for a ticket'}
          </Button>
          <LinkButton href={groupHref(group)}>Open the group</LinkButton>
          <LinkButton href={eventsHref(group)}>Its events</LinkButton>
          <a href={`${API}/reports/${id}`} className={buttonClass('quiet')}>
            <Braces aria-hidden />
            JSON
          </a>
        </div>
      </header>
      <div className="mt-5 grid grid-cols-1 gap-x-6 gap-y-6 @min-[760px]:grid-cols-2">
        {hold && (
          <Part title="Held by its guard" about={heldWords[hold.reason]} wide>
            <HoldParts hold={hold} decisions={decisions} timeMs={time} />
          </Part>
        )}
        {victims.length > 0 && (
          <Part title={report.count === 1 ? 'Victim' : `Victims: ${report.count.toLocaleString('en')} were killed`} wide>
            <VictimTable victims={victims} />
          </Part>
        )}
        {charged && (
          <Part title="What the memory was">
            <MemoryBar
              charged={charged}
              limitBytes={kernel?.memory?.limitBytes ?? limits.find((limit) => limit.group === charged.group)?.limitBytes}
            />
          </Part>
        )}
        {history.length > 0 && <ReportHistory report={report} />}
        {limits.length > 0 && (
          <Part title="Limits in force" about="the group first, then those that it is in">
            <LimitTable report={report} />
          </Part>
        )}
        <Part title="Before" about="events and actions in the group and those that it is in" wide={history.length === 0}>
          <PastList report={report} />
        </Part>
        {kernel?.tasks && (
          <Part title="Processes before the kill" about="from the kernel’s log, the largest first" wide>
            <TaskTable kernel={kernel} victims={victims} />
          </Part>
        )}
        {(kernel || kind === 'kill') && (
          <Part title="Kernel log" about={kernel?.incomplete ? 'lines are missing' : undefined} wide>
            {kernel ? (
              <KernelLog kernel={kernel} />
            ) : (
              <p className="text-sm text-quiet">The kernel wrote nothing about this kill: it limits how much it logs.</p>
            )}
          </Part>
        )}
      </div>
    </article>
  );
}

const OWNER = { launch: 'Launched as', container: 'Container', service: 'Service', scope: 'Scope' } as const;

interface PartProps {
  readonly title: string;
  readonly about?: string | undefined;
  /** Over both columns. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

function Part({ title, about, wide = false, children }: PartProps) {
  return (
    <section aria-label={title} className={wide ? 'min-w-0 @min-[760px]:col-span-2' : 'min-w-0'}>
      <h2 className="mb-2 flex flex-wrap items-baseline gap-x-2 font-medium">
        {title}
        {about !== undefined && <span className="text-xs font-normal text-quiet">{about}</span>}
      </h2>
      {children}
    </section>
  );
}

function KernelLog({ kernel }: { readonly kernel: NonNullable<Report['kernel']> }) {
  return (
    <>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
        className="max-h-96 overflow-auto rounded-md border border-line bg-raised p-3 font-mono text-xs"
      >
        {kernel.lines.map((line) => visible(line)).join('\n')}
      </pre>
      {kernel.omitted !== undefined && (
        <p className="mt-1 text-xs text-quiet">{kernel.omitted.toLocaleString('en')} more lines are left out.</p>
      )}
    </>
  );
}

function Waiting() {
  return (
    <div role="status" aria-label="Loading the report" className="px-4 pt-3 max-sm:px-3">
      <Skeleton className="h-4 w-64" />
      <Skeleton className="mt-2 h-12 w-full max-w-[76ch]" />
      <Skeleton className="mt-3 h-8 w-96 max-w-full" />
      <div className="mt-5 grid grid-cols-1 gap-6 @min-[760px]:grid-cols-2">
        <Skeleton className="h-52" />
        <Skeleton className="h-52" />
      </div>
    </div>
  );
}
