// Above the table: the filter, the groups that need attention, tree or list, and the buttons for a new group and a launch.
'use client';
import { CirclePlus, Keyboard, ListTree, Rows3, Search, X } from 'lucide-react';
import type { ReactNode, Ref } from 'react';
import { useStore } from 'zustand';
import { Button, IconButton, LinkButton } from '../ui/button.tsx';
import { Chip } from '../ui/chip.tsx';
import { cx } from '../ui/classes.ts';
import { BareInput } from '../ui/field.tsx';
import { FrozenGlyph, HeldGlyph, OomGlyph, PressureGlyph } from '../ui/glyphs.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { Tip } from '../ui/tooltip.tsx';
import { type Attention, attentions, attentionWords } from './attention.ts';
import { deckView } from './deck-view.ts';
import { useAttentionCounts } from './use-deck.ts';

const GLYPHS: Record<Attention, ReactNode> = {
  held: <HeldGlyph className="size-3.5" />,
  oom: <OomGlyph className="size-3.5" />,
  pressure: <PressureGlyph level="critical" className="size-3.5" />,
  near: (
    <span aria-hidden className="mx-0.5 flex h-3 items-center gap-px">
      <span className="h-1.5 w-2 bg-usage" />
      <span className="h-3 w-[3px] rounded-[1px] bg-hard" />
    </span>
  ),
  frozen: <FrozenGlyph className="size-3.5" />,
};

function AttentionChip({ attention, count }: { readonly attention: Attention; readonly count: number | undefined }) {
  const chosen = useStore(deckView, (view) => view.attention === attention);
  const { name, help } = attentionWords[attention];
  const quiet = !count && !chosen;
  return (
    <Chip
      help={help}
      on={chosen}
      onPress={() => deckView.setState({ attention: chosen ? undefined : attention })}
      className={cx('px-1.5', !chosen && 'border-transparent', quiet ? 'text-quiet [&_[aria-hidden]]:opacity-40' : 'text-text')}
    >
      {GLYPHS[attention]}
      <span className="@max-[880px]:sr-only max-md:not-sr-only">{name}</span>
      <span className={cx('min-w-[1ch] text-right', quiet ? '' : 'font-semibold')}>{count ?? '–'}</span>
    </Chip>
  );
}

export interface ToolbarProps {
  readonly filterRef: Ref<HTMLInputElement>;
  readonly shown: number;
  /** Undefined before the first readings. */
  readonly total: number | undefined;
  /** Why no group can be created, in a sentence. */
  readonly reason: string | undefined;
  readonly onCreate: () => void;
  readonly onHelp: () => void;
}

export function Toolbar({ filterRef, shown, total, reason, onCreate, onHelp }: ToolbarProps) {
  const filter = useStore(deckView, (view) => view.filter);
  const flat = useStore(deckView, (view) => view.flat);
  const counts = useAttentionCounts();
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-4 py-2 max-sm:px-3">
      <h1 className="sr-only">Deck: all control groups</h1>
      <div className="relative w-44 max-sm:order-1 max-sm:w-auto max-sm:flex-1">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2 size-4 text-quiet max-sm:top-3" />
        <BareInput
          ref={filterRef}
          value={filter}
          onChange={(next) => deckView.setState({ filter: next })}
          label="Filter groups"
          placeholder={total === undefined ? 'Filter groups' : `Filter ${total.toLocaleString('en')} groups`}
          className={cx('pl-[30px]', filter === '' ? 'pr-7' : 'pr-24')}
        />
        <output className="absolute top-2 right-8 text-xs text-quiet max-sm:top-3">
          {filter.trim() === '' ? '' : `${shown.toLocaleString('en')} shown`}
        </output>
        <span className="absolute top-1 right-1 flex size-6 items-center justify-center max-sm:top-2">
          {filter === '' ? (
            <span className="pointer-events-none max-sm:hidden">
              <Kbd>/</Kbd>
            </span>
          ) : (
            <IconButton icon={X} size="sm" label="Clear the filter" onClick={() => deckView.setState({ filter: '' })} />
          )}
        </span>
      </div>
      <fieldset className="flex min-w-0 items-center gap-1 max-sm:order-3 max-sm:w-full max-sm:overflow-x-auto">
        <legend className="sr-only">Groups that need attention</legend>
        {attentions.map((attention) => (
          <AttentionChip key={attention} attention={attention} count={counts?.[attention]} />
        ))}
      </fieldset>
      <div className="ml-auto flex items-center gap-1 max-sm:order-2">
        <IconButton icon={Keyboard} label="Keys" shortcut="?" onClick={onHelp} className="max-md:hidden" />
        <IconButton
          icon={flat ? ListTree : Rows3}
          label={flat ? 'Show as a tree' : 'Show as one list'}
          aria-pressed={flat}
          onClick={() => deckView.setState({ flat: !flat })}
        />
        <Tip text={reason === undefined ? 'New group' : undefined} shortcut="n" side="bottom">
          <Button icon={CirclePlus} onClick={onCreate} reason={reason} className="max-sm:hidden @max-[1080px]:px-2">
            <span className="@max-[1080px]:sr-only">New group</span>
          </Button>
        </Tip>
        <LinkButton href="/launch" variant="primary" className="max-sm:hidden">
          Launch
        </LinkButton>
      </div>
    </div>
  );
}
