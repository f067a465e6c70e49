// The page of one group: header, memory rail, other limits, charts and tabs. Its URL has the group, the tab and the range.
'use client';
import { useSearchParams } from 'next/navigation';
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { Host } from '../../server/contract/answers.ts';
import type { EventKind } from '../../server/contract/events.ts';
import { TO_TYPE } from '../frame/links.ts';
import { GuardSection } from '../guard/guard-section.tsx';
import { panelView } from '../guard/held-now.ts';
import { useGuards } from '../guard/use-guards.ts';
import { api } from '../live/api.ts';
import { type GroupLive, useConnection, useEvents, useGroupInFull, useHost, useTick, useWhyNotAct } from '../live/hooks.ts';
import { terminalsOf } from '../terminal/choice.ts';
import { cx } from '../ui/classes.ts';
import { later } from '../ui/later.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { GroupCharts } from './charts/group-charts.tsx';
import { GroupGone } from './group-gone.tsx';
import { GroupHeader } from './header/group-header.tsx';
import { GroupLimits } from './limits/group-limits.tsx';
import { GroupRail } from './rail/group-rail.tsx';
import { useAnswer } from './use-answer.ts';

const NetworkPanel = later(async () => (await import('./network/network-panel.tsx')).NetworkPanel);

const Tabs = later(async () => (await import('../ui/tabs.tsx')).Tabs, { Waiting: () => <Skeleton className="mt-2 h-44" /> });

/** A tab’s place, which is higher than most. */
const TabWaiting = () => <Skeleton className="h-40" />;
const EventsTab = later(async () => (await import('./tabs/events-tab.tsx')).EventsTab, { Waiting: TabWaiting });
const FilesTab = later(async () => (await import('./tabs/files-tab.tsx')).FilesTab, { Waiting: TabWaiting });
const LayerTab = later(async () => (await import('./tabs/layer-tab.tsx')).LayerTab, { Waiting: TabWaiting });
const NamespacesTab = later(async () => (await import('./tabs/namespaces-tab.tsx')).NamespacesTab, { Waiting: TabWaiting });
const OutputTab = later(async () => (await import('./tabs/output-tab.tsx')).OutputTab, { Waiting: TabWaiting });
const ProcessesTab = later(async () => (await import('./tabs/processes-tab.tsx')).ProcessesTab, { Waiting: TabWaiting });
const TerminalTab = later(async () => (await import('./tabs/terminal-tab.tsx')).TerminalTab, { Waiting: TabWaiting });

/** Those that can be opened are there when they are. */
const prepareTabs = () => {
  for (const tab of [FilesTab, OutputTab, EventsTab, NamespacesTab]) tab.prepare();
};

/** Changes a part of the URL without loading anything. */
function setParam(name: string, value: string): void {
  const url = new URL(location.href);
  url.searchParams.set(name, value);
  window.history.replaceState(null, '', url);
}

export function GroupPage() {
  const params = useSearchParams();
  const path = params.get('path') ?? '/';
  const { group: live, isWhole } = useGroupInFull(path);
  const tick = useTick();
  const host = useHost();
  const [seen, setSeen] = useState<{ readonly path: string; readonly atMs: number }>();
  if (live && (seen?.path !== path || seen.atMs !== live.atMs)) setSeen({ path, atMs: live.atMs });
  // An address with a tab, such as that of a launch with a terminal, scrolls to it, once: it is below the fold.
  const arrivedAt = useRef<string>(undefined);
  useEffect(() => {
    document.title = `${path} · cgdeck`;
    // If it is held, its card is the open one.
    panelView.setState({ chosen: path, subject: path });
    return () => panelView.setState({ subject: undefined });
  }, [path]);
  // Which files a group can have depends on the machine: nothing is shown or asked for by a guess.
  if (!host) return <Waiting />;
  if (!live) return tick ? <GroupGone path={path} lastSeenMs={seen?.path === path ? seen.atMs : undefined} /> : <Waiting />;
  if (!isWhole) return <Waiting />;
  // A group created again with the same name is another group: the page starts over.
  return (
    <Present
      key={`${path}:${live.entry.inode}`}
      live={live}
      host={host}
      tab={params.get('tab')}
      id={params.get('id')}
      range={params.get('range')}
      arrivedAt={arrivedAt}
    />
  );
}

interface PresentProps {
  readonly live: GroupLive;
  readonly host: Host;
  readonly tab: string | null;
  /** The program of the launch, where several run. */
  readonly id: string | null;
  readonly range: string | null;
  /** The group whose details the page has scrolled to already. */
  readonly arrivedAt: RefObject<string | undefined>;
}

const LIVES: ReadonlySet<EventKind> = new Set(['launch', 'exit', 'restart']);

const panel = 'rounded-lg border border-line bg-raised p-4 @container';

function Present({ live, host, tab, id, range, arrivedAt }: PresentProps) {
  const { path } = live.entry;
  const mayNotAct = useWhyNotAct();
  const { state } = useConnection();
  useEffect(prepareTabs, []);
  const reason = live.entry.self
    ? 'This group contains cgdeck itself or pid 1, which are never frozen, killed or limited.'
    : live.entry.managed
      ? mayNotAct
      : `Read-only: cgdeck changes only groups under ${host.managedRoot} and those named with --control.`;
  // A launch, an exit or a restart: what is known of the launch is read again.
  const ends = useEvents({ group: path }).findLast(({ kind }) => LIVES.has(kind))?.id ?? 0;
  const { data: view, error, again } = useAnswer(`${path}:${ends}`, () => api.group({ path }));
  const [kept, setKept] = useState(view);
  if (view && view !== kept) setKept(view);
  const known = view ?? kept;
  const launched = known?.launched;
  const guards = useGuards(path);
  const details = useRef<HTMLElement>(null);
  const onDetails = useCallback(
    (section: HTMLElement | null) => {
      details.current = section;
      if (!section || arrivedAt.current === path) return;
      arrivedAt.current = path;
      if (tab !== null) section.scrollIntoView();
    },
    [arrivedAt, path, tab],
  );
  const showProgram = (joined: string, tty: boolean) => {
    again();
    setParam('id', joined);
    setParam('tab', tty ? 'terminal' : 'output');
    if (tty) window.history.replaceState(null, '', TO_TYPE);
    details.current?.scrollIntoView();
  };
  const stale = state === 'stale' && 'stale';
  // The header may get a line for the launch: nothing below is shown before that is known, so that nothing moves.
  if (!known && !error) return <Waiting />;
  return (
    <div className="mx-auto flex max-w-[1320px] flex-col gap-4 p-4 max-sm:p-3">
      <GroupHeader live={live} view={known} reason={reason} onJoined={showProgram} onChanged={again} />
      <section aria-label="Memory" className={cx(panel, stale)}>
        <GroupRail live={live} reason={reason} guarded={guards.guards?.groups.find(({ group }) => group === path)} />
      </section>
      {path !== '/' && (
        <section aria-label="Guard" className={cx(panel, 'min-h-[72px]', stale)}>
          <GuardSection {...guards} group={path} reason={reason} />
        </section>
      )}
      <section aria-label="Limits" className={cx(panel, stale)}>
        <GroupLimits live={live} reason={reason} />
      </section>
      {launched?.network && (
        <section aria-label="Network" className={cx(panel, stale)}>
          <h2 className="pb-3 text-sm text-quiet">Network</h2>
          <NetworkPanel live={live} network={launched.network} reason={reason} />
        </section>
      )}
      <section aria-label="Charts" className={panel}>
        <GroupCharts live={live} routed={launched?.network !== undefined} range={range} onRange={(next) => setParam('range', next)} />
      </section>
      <section ref={onDetails} aria-label="Details" className={cx(panel, 'min-h-[520px] scroll-mt-4 pt-1')}>
        <Tabs
          label="Details of the group"
          value={tab ?? 'processes'}
          onChange={(next) => setParam('tab', next)}
          tabs={[
            {
              value: 'processes',
              label: 'Processes',
              count: Number(live.readings['cgroup.procs'] ?? 0),
              panel: <ProcessesTab path={path} reason={reason} />,
            },
            { value: 'files', label: 'Files', panel: <FilesTab live={live} reason={reason} /> },
            {
              value: 'output',
              label: 'Output',
              panel: <OutputTab path={path} view={known} id={id} onId={(next) => setParam('id', next)} />,
            },
            ...(terminalsOf(known).length > 0
              ? [
                  {
                    value: 'terminal',
                    label: 'Terminal',
                    panel: <TerminalTab group={live.entry} view={known} id={id} onId={(next) => setParam('id', next)} />,
                  },
                ]
              : []),
            { value: 'events', label: 'Events', panel: <EventsTab path={path} /> },
            { value: 'namespaces', label: 'Namespaces', panel: <NamespacesTab path={path} /> },
            ...(launched?.request?.overlay
              ? [{ value: 'layer', label: 'Layer', panel: <LayerTab group={live.entry} launched={launched} reason={reason} /> }]
              : []),
          ]}
        />
      </section>
    </div>
  );
}

/** The page’s layout while the first frame is awaited. */
function Waiting() {
  return (
    <div className="mx-auto flex max-w-[1320px] flex-col gap-4 p-4 max-sm:p-3" aria-busy="true">
      <Skeleton className="h-14 w-72" />
      <Skeleton className="h-64 opacity-60" />
      <Skeleton className="h-36 opacity-60" />
      <Skeleton className="h-96 opacity-60" />
    </div>
  );
}
