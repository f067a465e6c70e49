// The actions for all selected groups at once.
'use client';
import { Play, Skull, Snowflake, X } from 'lucide-react';
import { useStore } from 'zustand';
import { Button, IconButton } from '../ui/button.tsx';
import { deckView } from './deck-view.ts';
import { measuresOf } from './measured.ts';
import { useDeckActions } from './use-actions.ts';

export function SelectionBar() {
  const selected = useStore(deckView, (view) => view.cursor.selected);
  const { actions } = useDeckActions();
  if (selected.size === 0) return null;
  const paths = [...selected];
  const able = paths.filter((path) => actions.reason(measuresOf(path)) === undefined);
  const reason = able.length === 0 ? (actions.reason(measuresOf(paths[0] ?? '')) ?? '') : undefined;
  const clear = () => deckView.setState(({ cursor }) => ({ cursor: { ...cursor, selected: new Set(), anchor: undefined } }));
  return (
    <section aria-label="Selection" className="pointer-events-none absolute inset-x-0 bottom-4 z-20 flex justify-center px-4">
      <div className="pointer-events-auto flex max-w-full items-center gap-2 rounded-lg border border-line-strong/50 bg-raised py-2 pr-2 pl-4 shadow-[0_8px_32px_rgb(0_0_0/0.36)]">
        <p className="whitespace-nowrap">
          <strong className="font-semibold">{paths.length}</strong> selected
          {able.length < paths.length && able.length > 0 && (
            <span className="text-quiet max-sm:hidden">, {able.length} of them can be changed</span>
          )}
        </p>
        <span className="mx-1 h-5 w-px bg-line" />
        <Button icon={Snowflake} reason={reason} onClick={() => actions.freeze(paths)}>
          Freeze
        </Button>
        <Button icon={Play} reason={reason} onClick={() => actions.thaw(paths)}>
          Thaw
        </Button>
        <Button icon={Skull} variant="danger" reason={reason} onClick={() => actions.kill(paths)}>
          Kill
        </Button>
        <IconButton icon={X} label="Clear the selection" shortcut="Esc" onClick={clear} />
      </div>
    </section>
  );
}
