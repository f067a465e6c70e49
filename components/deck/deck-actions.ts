// The deck’s actions as a context for its rows.
'use client';
import { createContext, useContext } from 'react';
import type { Actions } from './use-actions.ts';

export interface DeckActions {
  readonly actions: Actions;
  /** Opens the form for a new group below this one. */
  readonly create: (parent: string | undefined) => void;
}

export const DeckActionsContext = createContext<DeckActions | undefined>(undefined);

export function useDeckActions(): DeckActions {
  const actions = useContext(DeckActionsContext);
  if (!actions) throw new Error('useDeckActions is used outside the deck');
  return actions;
}
