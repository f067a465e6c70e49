// The actions for all selected groups that are shown; those that the filter or a fold hides are named, and left alone.
'use client';
import { Play, Skull, Snowflake, X } from 'lucide-react';
import { useStore } from 'zustand';
import { Button, IconButton } from '../ui/button.tsx';
import { deckView } from './deck-view.ts';
import { shownSelection } from './keys.ts';
import { measuresOf } from './measured.ts';
import type { Row } from './tree.ts';
import { useDeckActions } from './use-actions.ts';

export function SelectionBar({ rows }: { readonly rows: readonly Row[] }) {
  const selected = useStore(deckView, (view) => view.cursor.selected);
  const { actions } = useDeckActions();
  if (selected.size === 0) return null;
  const { shown: paths, hidden } = shownSelection({ selected }, rows);
  const able = paths.filter((path) => actions.reason(measuresOf(path)) === undefined);
  const allHidden =
    paths.length === 0 ? 'The filter or a fold hides all selected groups: keys and buttons act only on what is shown.' : undefined;
  const reason = allHidden ?? (able.length === 0 ? (actions.reason(measuresOf(paths[0] ?? '')) ?? '') : undefined);
  const clear = () => deckView.setState(({ cursor }) => ({ cursor: { ...cursor, selected: new Set(), anchor: undefined } }));
  return (
    <section aria-label="Selection" className="pointer-events-none absolute inset-x-0 bottom-4 z-20 flex justify-center px-4">
      <div className="pointer-events-auto flex max-w-full items-center gap-2 rounded-lg border border-line-strong/50 bg-raised py-2 pr-2 pl-4 shadow-[0_8px_32px_rgb(0_0_0/0.36)]">
        <p className="whitespace-nowrap">
          <strong className="font-semibold">{selected.size}</strong> selected
          {hidden > 0 && (
            <span className="text-pressure-critical">
              , {hidden === selected.size ? '' : `${hidden} of them `}hidden by the filter or a fold
            </span>
          )}
          {able.length < paths.length && able.length > 0 && (
            <span className="text-quiet max-sm:hidden">, {able.length} of them can be changed</span>
          )}
        </p>
        <span className="mx-1 h-5 w-px bg-line" />
        <Button icon={Snowflake} reason={reason} once onClick={() => actions.freeze(paths)}>
          Freeze
        </Button>
        <Button icon={Play} reason={reason} once onClick={() => actions.thaw(paths)}>
          Thaw
        </Button>
        <Button icon={Skull} variant="danger" reason={reason} once onClick={() => actions.kill(paths)}>
          Kill
        </Button>
        <IconButton icon={X} label="Clear the selection" shortcut="Esc" onClick={clear} />
      </div>
    </section>
  );
}
