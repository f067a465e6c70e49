// The deck: every group of the machine as one live table, with its keys and actions.
'use client';
import { useRouter } from 'next/navigation';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { isWithin } from '../../server/contract/paths.ts';
import { groupHref } from '../frame/links.ts';
import { panelView } from '../guard/held-now.ts';
import { useGroupPaths, useHost, useTick, useWhyNotAct } from '../live/hooks.ts';
import { live } from '../live/store.ts';
import { later } from '../ui/later.tsx';
import { DeckLoading, FirstLaunch, NothingFound } from './deck-states.tsx';
import { DeckTable } from './deck-table.tsx';
import { deckView, viewFromSearch, viewToSearch } from './deck-view.ts';
import { keepKnown } from './keys.ts';
import { measuresOf } from './measured.ts';
import { SelectionBar } from './selection-bar.tsx';
import { Toolbar } from './toolbar.tsx';
import { DeckActionsContext, useActions } from './use-actions.ts';
import { useDeckRows } from './use-deck.ts';
import { useDeckKeys } from './use-deck-keys.ts';

const KeysHelp = later(async () => (await import('./keys-help.tsx')).KeysHelp, { isNeeded: ({ open }) => open });

const CreateDialog = later(async () => (await import('./create-dialog.tsx')).CreateDialog, { isNeeded: ({ open }) => open });

/** The URL sets the view when the page opens, and follows it from then on. */
function useViewInUrl(): void {
  useEffect(() => {
    if (location.search !== '') deckView.setState(viewFromSearch(new URLSearchParams(location.search)));
    const write = () => {
      const wanted = viewToSearch(deckView.getState());
      if (location.pathname === '/' && location.search !== wanted) history.replaceState(null, '', `/${wanted}`);
    };
    write();
    return deckView.subscribe(write);
  }, []);
}

export function Deck() {
  useViewInUrl();
  const router = useRouter();
  const paths = useGroupPaths();
  // The first rows are rendered in slices, after the frame with all groups has been applied.
  const loaded = useDeferredValue(useTick() !== undefined);
  const host = useHost();
  const mayNotAct = useWhyNotAct();
  const actions = useActions();
  const { rows, held, onPoint, onKey } = useDeckRows();
  const filter = useStore(deckView, (view) => view.filter);
  const filterRef = useRef<HTMLInputElement>(null);
  const [creating, setCreating] = useState<{ readonly open: boolean; readonly parent?: string | undefined }>({ open: false });
  const [help, setHelp] = useState(false);

  // A group that was made again is not the one that was selected.
  const inodes = useRef<ReadonlyMap<string, number | undefined>>(new Map());
  useEffect(() => {
    const now = new Map(paths.map((path) => [path, live.groups.get(path)?.entry.inode]));
    const known = new Set(paths.filter((path) => (inodes.current.get(path) ?? now.get(path)) === now.get(path)));
    inodes.current = now;
    deckView.setState(({ cursor }) => ({ cursor: keepKnown(cursor, known) }));
  }, [paths]);

  useEffect(() => {
    const end = deckView.subscribe(({ cursor }) => panelView.setState({ subject: cursor.at }));
    return () => {
      end();
      panelView.setState({ subject: undefined });
    };
  }, []);

  const open = useCallback((path: string) => router.push(groupHref(path)), [router]);
  const create = useCallback((parent: string | undefined) => setCreating({ open: true, parent }), []);
  const deckActions = useMemo(() => ({ actions, create }), [actions, create]);
  useDeckKeys({
    rows,
    actions,
    onKey,
    open,
    create,
    filter: filterRef,
    help: () => setHelp(true),
    limits: (path) => router.push(`${groupHref(path)}#limits`),
  });

  const total = loaded ? paths.length : undefined;
  const managedRoot = host?.managedRoot;
  const nothingYet =
    managedRoot !== undefined &&
    loaded &&
    !paths.some((path) => path !== managedRoot && isWithin(path, managedRoot)) &&
    !paths.some((path) => path !== managedRoot && measuresOf(path)?.managed);
  return (
    <DeckActionsContext value={deckActions}>
      <div className="relative flex h-full flex-col">
        <Toolbar
          filterRef={filterRef}
          shown={rows.filter((row) => row.matches).length}
          total={total}
          reason={mayNotAct}
          onCreate={() => create(undefined)}
          onHelp={() => setHelp(true)}
        />
        {!loaded && <DeckLoading />}
        {loaded && rows.length === 0 && <NothingFound filter={filter} />}
        {loaded && rows.length > 0 && <DeckTable rows={rows} held={held} onOpen={open} onPoint={onPoint} />}
        {nothingYet && <FirstLaunch managedRoot={managedRoot} />}
        <SelectionBar rows={rows} />
      </div>
      <CreateDialog
        {...creating}
        onClose={() => setCreating({ ...creating, open: false })}
        onCreated={(path) => deckView.setState(({ cursor }) => ({ cursor: { ...cursor, at: path, anchor: path } }))}
      />
      <KeysHelp open={help} onClose={() => setHelp(false)} />
    </DeckActionsContext>
  );
}
