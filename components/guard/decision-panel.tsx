// The panel that comes up on every page while guards hold groups: one card for each, over the lower edge of the page, which does not move.
'use client';
import { ChevronDown, ChevronUp } from 'lucide-react';
import Link from 'next/link';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { heldWords } from '../../server/contract/event-words.ts';
import { bytesText, countText } from '../../server/contract/units.ts';
import { groupHref } from '../frame/links.ts';
import { usePhone } from '../frame/use-media.ts';
import { IconButton } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { FrozenGlyph } from '../ui/glyphs.tsx';
import { countdown, type HeldGroup } from './held.ts';
import { HoldCard } from './hold-card.tsx';
import { useHeld } from './use-held.ts';

/** Goes to the panel, from anywhere but a text field or a dialog. */
const KEY = 'a';

export function DecisionPanel() {
  const { held, now } = useHeld();
  const ref = useRef<HTMLElement>(null);
  const waiting = held.filter(({ end }) => end === undefined);
  usePanelKey(ref, held.length > 0);
  return (
    <>
      {/* Always there, so that a screen reader hears what comes into it. */}
      <div role="status" className="sr-only">
        {waiting.length === 0
          ? ''
          : `${countText(waiting.length, 'group')} held, waiting for a decision: ${waiting.map(({ group }) => group).join(', ')}. The key ${KEY} goes there.`}
      </div>
      {held.length > 0 && <Panel panel={ref} held={held} now={now} />}
    </>
  );
}

interface PanelProps {
  readonly panel: RefObject<HTMLElement | null>;
  readonly held: readonly HeldGroup[];
  readonly now: number;
}

function Panel({ panel, held, now }: PanelProps) {
  const phone = usePhone();
  const [folded, setFolded] = useState(false);
  const [chosen, setChosen] = useState<number>();
  const open = held.find(({ id }) => id === chosen) ?? held.find(({ end }) => end === undefined) ?? held[0];
  return (
    <section
      ref={panel}
      tabIndex={-1}
      aria-label="Held groups"
      className={cx(
        'absolute inset-x-0 bottom-0 z-30 flex max-h-[min(78%,560px)] flex-col border-t-2 border-frozen bg-raised shadow-[0_-12px_32px_rgb(0_0_0/0.32)] outline-none @container',
        'transition-transform duration-150 ease-out motion-safe:starting:translate-y-6',
        phone && 'rounded-t-lg',
      )}
    >
      <div className="min-h-0 flex-1 divide-y divide-line overflow-y-auto">
        {held.map((one) => {
          const unfolded = one.id === open?.id && !folded;
          return (
            <article key={one.id} aria-label={one.group}>
              <Head
                held={one}
                now={now}
                unfolded={unfolded}
                onToggle={() => {
                  setChosen(one.id);
                  setFolded(unfolded);
                }}
              />
              {unfolded && <HoldCard held={one} />}
            </article>
          );
        })}
      </div>
    </section>
  );
}

interface HeadProps {
  readonly held: HeldGroup;
  readonly now: number;
  readonly unfolded: boolean;
  readonly onToggle: () => void;
}

function Head({ held, now, unfolded, onToggle }: HeadProps) {
  const { group, facts, reason, end, decidesAt, next } = held;
  const then = next === undefined ? 'then its guard decides' : `then: ${next}`;
  const name = group.slice(group.lastIndexOf('/') + 1) || group;
  return (
    <header className="flex min-h-10 items-center gap-x-3 px-4 py-1.5 max-sm:px-3">
      <FrozenGlyph freezing={end === undefined && facts.state === 'freezing'} />
      <div className="min-w-0 flex-1">
        <h2 className="flex min-w-0 items-baseline gap-2">
          <Link href={groupHref(group)} className="truncate text-lg font-semibold hover:underline" title={group}>
            {name}
          </Link>
          <span className="truncate font-mono text-xs text-quiet max-sm:hidden">{group}</span>
        </h2>
        <p className="truncate text-sm text-quiet">
          {end ? (
            end.sentence
          ) : (
            <>
              <span className="max-sm:hidden">
                {heldWords[reason]} at {bytesText(facts.usageBytes)}
              </span>
              <span className="sm:hidden">{then}</span>
            </>
          )}
        </p>
      </div>
      {end ? (
        <p className="text-sm font-medium">{END[end.outcome]}</p>
      ) : (
        <p className="text-right">
          <span className="block text-xl leading-6 font-semibold">{countdown(decidesAt - now)}</span>
          <span className="block max-w-[34ch] truncate text-xs text-quiet max-sm:hidden" title={next}>
            {then}
          </span>
        </p>
      )}
      <IconButton
        icon={unfolded ? ChevronDown : ChevronUp}
        size="sm"
        label={unfolded ? `Fold ${group}` : `Unfold ${group}`}
        shortcut={KEY}
        aria-expanded={unfolded}
        onClick={onToggle}
      />
    </header>
  );
}

const END = { continues: 'Continues', killed: 'Killed', held: 'Held', refused: 'Refused', gone: 'Gone' } as const;

/** The key takes the focus to the panel: only a person moves the focus. */
function usePanelKey(panel: RefObject<HTMLElement | null>, up: boolean): void {
  useEffect(() => {
    if (!up) return;
    const press = (event: KeyboardEvent) => {
      if (event.key !== KEY || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const at = event.target instanceof HTMLElement ? event.target : undefined;
      if (at?.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]'))
        return;
      if (document.querySelector('[data-modal][data-open]')) return;
      event.preventDefault();
      const find = (selector: string) => panel.current?.querySelector<HTMLElement>(selector);
      // The open card before the heads of others.
      const target = find('[role=slider]') ?? find('button[aria-expanded=false]');
      (target ?? panel.current)?.focus();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [panel, up]);
}
