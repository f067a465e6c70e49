// The panel of held groups: a line for each, and the card of one.
'use client';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { countText } from '../../server/contract/units.ts';
import { usePhone } from '../frame/use-media.ts';
import { useConnection } from '../live/hooks.ts';
import { Button } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import type { HeldGroup } from './held.ts';
import { HeldArticle } from './held-article.tsx';
import { panelView } from './held-now.ts';

/** Lines beside the open card; more are counted. */
const LINES = 4;

export interface HeldPanelProps {
  readonly held: readonly HeldGroup[];
  readonly now: number;
  readonly onDismiss: (id: number) => void;
}

export function HeldPanel({ held, now, onDismiss }: HeldPanelProps) {
  const panel = useRef<HTMLElement>(null);
  const phone = usePhone();
  const { state } = useConnection();
  const { chosen, folded, visits } = useStore(panelView);
  const [all, setAll] = useState(false);
  const waiting = held.filter(({ end }) => end === undefined);
  const open = waiting.find(({ group }) => group === chosen) ?? waiting[0];
  const shown = all || held.length <= LINES + 1 ? held : held.filter((one, i) => i < LINES || one.id === open?.id);
  usePanelFocus(panel, visits, open?.id);
  return (
    <section
      ref={panel}
      tabIndex={-1}
      aria-label="Held groups"
      className={cx(
        'z-30 flex max-h-[62%] shrink-0 flex-col border-t-2 border-frozen bg-raised outline-none @container',
        'transition-transform duration-150 ease-out motion-safe:starting:translate-y-6',
        phone && 'rounded-t-lg',
      )}
    >
      <div className={cx('min-h-0 flex-1 divide-y divide-line overflow-y-auto', state === 'stale' && 'stale')}>
        {shown.map((one) => (
          <HeldArticle
            key={one.id}
            held={one}
            now={now}
            unfolded={one.id === open?.id && !folded}
            onToggle={(unfold) => panelView.setState({ chosen: one.group, folded: !unfold })}
            onDismiss={() => onDismiss(one.id)}
          />
        ))}
      </div>
      {held.length > LINES + 1 && (
        <div className="flex items-center justify-between border-t border-line px-4 py-1 text-sm text-quiet">
          {countText(waiting.length, 'group')} held
          <Button variant="quiet" size="sm" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Fewer' : `${held.length - shown.length} more`}
          </Button>
        </div>
      )}
    </section>
  );
}

/** Takes the focus to the open card when asked to, keeps it in the panel when a card is decided, and gives it back by Escape and at the end. */
function usePanelFocus(panel: RefObject<HTMLElement | null>, visits: number, open: number | undefined): void {
  const seen = useRef(panelView.getState().visits);
  const from = useRef<HTMLElement>(undefined);
  const inside = useRef(false);
  useEffect(() => {
    if (seen.current === visits) return;
    seen.current = visits;
    const at = document.activeElement;
    if (at instanceof HTMLElement && !panel.current?.contains(at)) from.current = at;
    (panel.current?.querySelector<HTMLElement>('[role=slider]') ?? panel.current)?.focus();
  }, [panel, visits]);
  useEffect(() => {
    const section = panel.current;
    const back = () => (from.current?.isConnected === true ? from.current : document.getElementById('page'))?.focus();
    const enter = () => {
      inside.current = true;
    };
    const leave = (event: FocusEvent) => {
      if (event.relatedTarget !== null) inside.current = false;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) back();
    };
    section?.addEventListener('focusin', enter);
    section?.addEventListener('focusout', leave);
    section?.addEventListener('keydown', onKey);
    return () => {
      section?.removeEventListener('focusin', enter);
      section?.removeEventListener('focusout', leave);
      section?.removeEventListener('keydown', onKey);
      if (inside.current && (document.activeElement === document.body || document.activeElement === null)) back();
    };
  }, [panel]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another card is open now, and what had the focus may be gone
  useEffect(() => {
    if (inside.current && document.activeElement === document.body) panel.current?.focus();
  }, [panel, open]);
}
