// Handles the deck’s keys wherever the focus is, except in a text field or with a dialog open.
'use client';
import { type RefObject, useEffect, useEffectEvent } from 'react';
import { parentPath } from '../../server/contract/paths.ts';
import { layoutKey } from '../frame/layout-key.ts';
import { deckView } from './deck-view.ts';
import { type Command, pressKey, shownSelection } from './keys.ts';
import { measuresOf } from './measured.ts';
import type { Row } from './tree.ts';
import type { Actions } from './use-actions.ts';

export interface DeckKeys {
  readonly rows: readonly Row[];
  readonly actions: Actions;
  readonly onKey: () => void;
  readonly open: (path: string) => void;
  readonly limits: (path: string) => void;
  readonly create: (parent: string | undefined) => void;
  readonly help: () => void;
  readonly filter: RefObject<HTMLInputElement | null>;
}

function isTakenElsewhere(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return true;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]'))
    return true;
  // On a button or a link these keys already have a meaning.
  return (event.key === 'Enter' || event.key === ' ') && target.closest('button, a, [role="button"]') !== null;
}

export function useDeckKeys(keys: DeckKeys): void {
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    const { rows, onKey, filter } = keys;
    if (event.target === filter.current) {
      leaveFilter(event, filter.current);
      return;
    }
    if (isTakenElsewhere(event) || document.querySelector('[data-modal][data-open]')) return;
    const { cursor } = deckView.getState();
    const answer = pressKey(cursor, rows, { key: layoutKey(event), shift: event.shiftKey });
    if (!answer) return;
    event.preventDefault();
    // A key that is held moves the cursor on, and acts once.
    if (event.repeat && (answer.command || event.key === ' ')) return;
    onKey();
    if (answer.cursor !== cursor) deckView.setState({ cursor: answer.cursor });
    if (answer.command) run(answer.command, keys);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKeyDown(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}

/** Leaving the filter for the rows: Enter and ArrowDown keep it, Escape clears it first. */
function leaveFilter(event: KeyboardEvent, input: HTMLInputElement | null): void {
  if (event.key === 'Escape' && deckView.getState().filter !== '') deckView.setState({ filter: '' });
  else if (event.key === 'Escape' || event.key === 'Enter' || event.key === 'ArrowDown') {
    input?.blur();
    document.querySelector<HTMLElement>('[role="treegrid"]')?.focus();
  } else return;
  event.preventDefault();
}

function run(command: Command, { rows, actions, open, limits, create, help, filter }: DeckKeys): void {
  const { cursor } = deckView.getState();
  const at = rows.some((row) => row.path === cursor.at) ? cursor.at : undefined;
  // Never on what the filter or a fold hides.
  const { shown } = shownSelection(cursor, rows);
  const many = shown.length > 0 ? shown : at === undefined ? [] : [at];
  switch (command) {
    case 'open':
      if (at !== undefined) open(at);
      break;
    case 'limits':
      if (at !== undefined) limits(at);
      break;
    case 'freeze':
    case 'thaw':
    case 'kill':
      actions[command](many);
      break;
    case 'remove':
      if (at !== undefined) actions.remove(at);
      break;
    case 'create':
      create(at !== undefined && measuresOf(at)?.managed ? at : at === undefined ? undefined : managedParent(at));
      break;
    case 'filter':
      filter.current?.focus();
      filter.current?.select();
      break;
    case 'clear':
      deckView.setState({ filter: '', attention: undefined });
      break;
    case 'help':
      help();
      break;
    default:
      command satisfies never;
  }
}

/** Where the cursor’s group cannot have a new group inside, its parent may. */
function managedParent(path: string): string | undefined {
  const parent = parentPath(path);
  return measuresOf(parent)?.managed ? parent : undefined;
}
