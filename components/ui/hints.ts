// Which hint is shown: one for the whole page. It opens when the pointer rests on what it explains, or when the keyboard's focus comes there.
import type { ReactNode } from 'react';
import { createStore } from 'zustand/vanilla';

export interface HintContent {
  readonly text: ReactNode;
  readonly shortcut?: string | undefined;
  readonly side: 'top' | 'right' | 'bottom' | 'left';
  /** A hint is a line; a card begins where its anchor does, and the pointer passes through it. */
  readonly look: 'hint' | 'card';
}

interface Shown extends HintContent {
  readonly owner: string;
  readonly anchor: Element;
}

const REST_MS = 350;
/** After a hint, the next one opens at once. */
const NEXT_MS = 400;
/** Time for the pointer to get from the anchor to the hint. */
const LEAVE_MS = 100;

export const hints = createStore<{ readonly open: boolean; readonly shown: Shown | undefined }>(() => ({ open: false, shown: undefined }));

let timer: ReturnType<typeof setTimeout> | undefined;
let closedMs = Number.NEGATIVE_INFINITY;

/** @param restMs how long the pointer has to rest there; 0 for the focus */
export function openHint(shown: Shown, restMs = REST_MS): void {
  clearTimeout(timer);
  const open = () => hints.setState({ open: true, shown });
  if (restMs === 0 || hints.getState().open || performance.now() - closedMs < NEXT_MS) open();
  else timer = setTimeout(open, restMs);
}

/** What it explains has changed. */
export function changeHint(owner: string, content: HintContent): void {
  const { shown } = hints.getState();
  if (shown?.owner === owner && shown.text !== content.text) hints.setState({ shown: { ...shown, ...content } });
}

/** The pointer has come to the open hint. */
export function keepHint(): void {
  clearTimeout(timer);
}

export function leaveHint(): void {
  clearTimeout(timer);
  if (hints.getState().open) timer = setTimeout(closeHint, LEAVE_MS);
}

export function closeHint(): void {
  clearTimeout(timer);
  if (!hints.getState().open) return;
  closedMs = performance.now();
  hints.setState({ open: false });
}

/** What it explains is no longer on the page. */
export function forgetHint(owner: string): void {
  if (hints.getState().shown?.owner === owner) closeHint();
}
