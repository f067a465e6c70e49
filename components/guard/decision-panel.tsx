// The panel that comes up on every page while guards hold groups: a line for each, and the card of one. The page above it is shorter, and nothing is covered.
'use client';
import { useEffect, useState } from 'react';
import { countText } from '../../server/contract/units.ts';
import { layoutKey } from '../frame/layout-key.ts';
import { later } from '../ui/later.tsx';
import { goToHold, heldNow, panelView } from './held-now.ts';
import { endWords } from './held-words.ts';
import { useHeld } from './use-held.ts';

/** Goes to the panel, from anywhere but a text field or a dialog. */
const KEY = 'a';
const HeldPanel = later(async () => (await import('./held-panel.tsx')).HeldPanel);

export function DecisionPanel() {
  const { held, now } = useHeld();
  const [dismissed, setDismissed] = useState<ReadonlySet<number>>(new Set());
  useEffect(HeldPanel.prepare, []);
  const waiting = held.filter(({ end }) => end === undefined);
  const shown = held.filter(({ id, end }) => end === undefined || !dismissed.has(id));
  usePanelKey(waiting.length > 0);
  return (
    <>
      {/* Always there, so that a screen reader hears what comes into it. */}
      <div role="status" className="sr-only">
        {held.map(({ group, end }) => end && `${group}: ${endWords(end)} `)}
        {waiting.length > 0 &&
          `${countText(waiting.length, 'group')} held, waiting for a decision: ${waiting.map(({ group }) => group).join(', ')}. The key ${KEY} goes there.`}
      </div>
      {shown.length > 0 && <HeldPanel held={shown} now={now} onDismiss={(id) => setDismissed((last) => new Set([...last, id]))} />}
    </>
  );
}

/** The key takes the focus to the panel: only a person moves the focus. */
function usePanelKey(up: boolean): void {
  useEffect(() => {
    if (!up) return;
    const press = (event: KeyboardEvent) => {
      if (layoutKey(event) !== KEY || event.repeat || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const at = event.target instanceof HTMLElement ? event.target : undefined;
      if (at?.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]'))
        return;
      if (document.querySelector('[data-modal][data-open]')) return;
      event.preventDefault();
      const { subject } = panelView.getState();
      goToHold(subject !== undefined && heldNow.getState().waiting.has(subject) ? subject : undefined);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [up]);
}
