// The held groups for the rest of the page, which the panel keeps up to date, and what the panel is asked to show.
'use client';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { lineage } from '../../server/contract/paths.ts';
import type { HeldGroup } from './held.ts';

interface HeldNow {
  /** Those that wait for a decision, by group; the same map until one comes, goes or gets another deadline. */
  readonly waiting: ReadonlyMap<string, HeldGroup>;
}

export const heldNow = createStore<HeldNow>(() => ({ waiting: new Map() }));

export function keepHeld(held: readonly HeldGroup[]): void {
  const { waiting } = heldNow.getState();
  const next = held.filter(({ end }) => end === undefined);
  const same =
    next.length === waiting.size &&
    next.every(({ group, id, decidesAt, next: then }) => {
      const before = waiting.get(group);
      return before?.id === id && before.decidesAt === decidesAt && before.next === then;
    });
  if (!same) heldNow.setState({ waiting: new Map(next.map((one) => [one.group, one])) });
}

/** The hold that stops a group: its own, or that of a group above it. */
export function holdOver(path: string): HeldGroup | undefined {
  const { waiting } = heldNow.getState();
  if (waiting.size === 0) return undefined;
  return lineage(path).flatMap((group) => waiting.get(group) ?? [])[0];
}

export function useHoldOver(path: string): HeldGroup | undefined {
  return useStore(heldNow, () => holdOver(path));
}

interface PanelView {
  /** The group whose card is open; another if it is not held. */
  readonly chosen: string | undefined;
  readonly folded: boolean;
  /** The group that the page is about, or that the cursor is on. */
  readonly subject: string | undefined;
  /** Counts the times that somebody asked to go to the panel. */
  readonly visits: number;
}

export const panelView = createStore<PanelView>(() => ({ chosen: undefined, folded: false, subject: undefined, visits: 0 }));

/** Opens the card of a group, or the first one, and takes the focus there. */
export function goToHold(group: string | undefined): void {
  panelView.setState(({ chosen, visits }) => ({ chosen: group ?? chosen, folded: false, visits: visits + 1 }));
}
