// The group’s path as crumbs, its state, its launch, and the actions.
'use client';
import Link from 'next/link';
import { Fragment } from 'react';
import type { GroupView } from '../../../server/contract/answers.ts';
import { splitControllers } from '../../../server/contract/controller.ts';
import { freezerWord } from '../../../server/contract/derive.ts';
import { lineage } from '../../../server/contract/paths.ts';
import { measureOf } from '../../../server/contract/quantities.ts';
import { groupHref } from '../../frame/links.ts';
import { useHoldOver } from '../../guard/held-now.ts';
import type { GroupLive } from '../../live/hooks.ts';
import { Badge } from '../../ui/badge.tsx';
import { cx } from '../../ui/classes.ts';
import { Folded } from '../../ui/folded.tsx';
import { HeldGlyph, StateGlyph } from '../../ui/glyphs.tsx';
import { useGroupType } from '../absent.ts';
import { LaunchActions, type LaunchActionsProps } from '../launched/launch-actions.tsx';
import { LaunchedLine } from '../launched/launched-line.tsx';
import { GroupActions, processesText } from './group-actions.tsx';

export interface GroupHeaderProps extends Pick<LaunchActionsProps, 'onJoined' | 'onChanged'> {
  readonly live: GroupLive;
  readonly view: GroupView | undefined;
  readonly reason: string | undefined;
}

export function GroupHeader({ live, view, reason, onJoined, onChanged }: GroupHeaderProps) {
  const { path } = live.entry;
  return (
    <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 flex-1 basis-[320px]">
        <Crumbs path={path} />
        <Facts live={live} view={view} />
      </div>
      <div className="flex flex-wrap gap-2 max-sm:[&_svg]:hidden">
        {view && <LaunchActions view={view} reason={reason} onJoined={onJoined} onChanged={onChanged} />}
        <GroupActions live={live} reason={reason} />
      </div>
      {reason !== undefined && <p className="w-full text-sm text-quiet">{reason}</p>}
    </header>
  );
}

function Crumbs({ path }: { readonly path: string }) {
  const line = lineage(path).reverse();
  const name = (at: string) => (at === '/' ? '/' : at.slice(at.lastIndexOf('/') + 1));
  return (
    <h1 className="font-mono text-xl leading-7 font-semibold">
      <Folded what="path">
        {line.map((at, i) =>
          at === path ? (
            <span key={at} className="break-all">
              {name(at)}
            </span>
          ) : (
            <Fragment key={at}>
              <Link
                href={at === '/' ? '/' : groupHref(at)}
                className="rounded-sm font-normal break-all text-quiet hover:text-text hover:underline"
                aria-label={at === '/' ? 'Deck' : undefined}
              >
                {name(at)}
              </Link>
              {i > 0 && <span className="px-0.5 font-normal text-quiet">/</span>}
            </Fragment>
          ),
        )}
      </Folded>
    </h1>
  );
}

const STATE_WORD = { thawed: 'Running', freezing: 'Freezing', frozen: 'Frozen' } as const;

function Facts({ live, view }: { readonly live: GroupLive; readonly view: GroupView | undefined }) {
  const { readings, state } = live;
  const tasks = measureOf('tasks', readings);
  const own = Number(measureOf('processes', readings) ?? 0);
  const hold = useHoldOver(live.entry.path);
  // A held group of v1 is it in the kernel's words, since its guard switched the killer off.
  const underOom = !hold && measureOf('under-oom', readings) === 1;
  const empty = tasks === undefined ? own === 0 : tasks === 0;
  const launched = view?.launched;
  const word = hold
    ? hold.group === live.entry.path
      ? 'Held by its guard'
      : `Held with ${hold.group}`
    : underOom
      ? 'Out of memory'
      : state === 'thawed' && empty
        ? 'Empty'
        : STATE_WORD[state];
  return (
    <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-quiet">
      <span className={cx('inline-flex h-5 items-center gap-1.5 rounded-sm pr-2 pl-1 text-text', pill(state, underOom))}>
        {hold ? <HeldGlyph /> : <StateGlyph state={state} underOom={underOom} empty={empty} />}
        <span className="font-medium">{word}</span>
        {state !== 'thawed' && <span className="font-mono text-2xs">{freezerWord(readings)}</span>}
      </span>
      <span>
        {processesText(own)}
        {typeof tasks === 'number' && ` · ${tasks === 1 ? '1 task' : `${tasks} tasks`}`}
      </span>
      <div className="flex min-h-5 w-full min-w-0 flex-wrap items-center gap-x-3">
        {view && (launched ? <LaunchedLine launched={launched} joined={view.joined} /> : <Controllers entry={live.entry} />)}
      </div>
    </div>
  );
}

/** By hierarchy version where there are both: the controllers of the group. */
function Controllers({ entry }: { readonly entry: GroupLive['entry'] }) {
  const parts = splitControllers(entry.controllers).filter(({ version, controllers }) => version === 2 || controllers.length > 0);
  // A group without the memory controller may be threaded: then this is shown.
  const type = useGroupType(entry, parts.some(({ version }) => version === 2) && !entry.controllers.includes('memory'));
  return (
    <>
      {parts.map(({ version, controllers }) => (
        <span key={version} className="inline-flex items-baseline gap-1.5">
          <span className="text-2xs">v{version}</span>
          <span className="font-mono text-xs">{controllers.length === 0 ? 'no controllers' : controllers.join(' ')}</span>
        </span>
      ))}
      {type !== undefined && type !== 'domain' && <Badge>{type}</Badge>}
    </>
  );
}

function pill(state: GroupLive['state'], underOom: boolean): string {
  if (underOom) return 'border border-oom bg-oom-soft';
  if (state === 'frozen') return 'hatch border border-frozen/60 bg-frozen-soft';
  return state === 'freezing' ? 'hatch hatch-moving border border-frozen/60 bg-frozen-soft' : 'border border-line';
}
