// The deck’s keyboard as a reducer: the cursor, the selection, folds, and the action of a key.
import type { Row } from './tree.ts';

export interface Cursor {
  /** The row that keys act on; undefined before the first key. */
  readonly at: string | undefined;
  /** Where a range of the selection began. */
  readonly anchor: string | undefined;
  readonly selected: ReadonlySet<string>;
  readonly folded: ReadonlySet<string>;
}

export const noCursor: Cursor = { at: undefined, anchor: undefined, selected: new Set(), folded: new Set() };

export type Command = 'open' | 'limits' | 'freeze' | 'thaw' | 'kill' | 'create' | 'remove' | 'filter' | 'clear' | 'help';

export interface KeyPress {
  readonly key: string;
  readonly shift?: boolean;
}

export interface KeyAnswer {
  readonly cursor: Cursor;
  readonly command?: Command;
}

/** Rows in a page, for PageUp and PageDown. */
const PAGE = 15;

const COMMANDS: Readonly<Record<string, Command>> = {
  Enter: 'open',
  o: 'open',
  l: 'limits',
  f: 'freeze',
  t: 'thaw',
  x: 'kill',
  n: 'create',
  d: 'remove',
  '/': 'filter',
  '?': 'help',
};

const STEPS: Readonly<Record<string, number>> = {
  j: 1,
  J: 1,
  ArrowDown: 1,
  k: -1,
  K: -1,
  ArrowUp: -1,
  PageDown: PAGE,
  PageUp: -PAGE,
  Home: -1e9,
  g: -1e9,
  End: 1e9,
  G: 1e9,
};

/** Undefined: the key does nothing here and is left to the browser. */
export function pressKey(cursor: Cursor, rows: readonly Row[], press: KeyPress): KeyAnswer | undefined {
  const { key } = press;
  const index = rows.findIndex((row) => row.path === cursor.at);
  const step = STEPS[key];
  if (step !== undefined) return { cursor: move(cursor, rows, index, step, press.shift === true && key !== 'G') };
  const row = rows[index];
  if (key === ' ') return row && { cursor: toggle(cursor, row.path) };
  if (key === 'ArrowLeft' || key === 'h') return row && { cursor: foldOrUp(cursor, rows, index) };
  if (key === 'ArrowRight') return row && { cursor: unfoldOrDown(cursor, rows, index) };
  if (key === 'Escape') {
    return cursor.selected.size > 0 ? { cursor: { ...cursor, selected: new Set(), anchor: undefined } } : { cursor, command: 'clear' };
  }
  const command = COMMANDS[key];
  return command === undefined ? undefined : { cursor, command };
}

function move(cursor: Cursor, rows: readonly Row[], index: number, step: number, extend: boolean): Cursor {
  const from = index < 0 ? (step > 0 ? -1 : rows.length) : index;
  const to = rows[Math.max(0, Math.min(rows.length - 1, from + step))];
  if (!to) return cursor;
  if (!extend) return { ...cursor, at: to.path, anchor: to.path };
  return selectRange({ ...cursor, anchor: cursor.anchor ?? cursor.at ?? to.path }, rows, to.path);
}

/** From the anchor to a row, both included; the cursor moves there. */
export function selectRange(cursor: Cursor, rows: readonly Row[], path: string): Cursor {
  const to = rows.findIndex((row) => row.path === path);
  const anchor = rows.findIndex((row) => row.path === cursor.anchor);
  if (to < 0) return cursor;
  const from = anchor < 0 ? to : anchor;
  const range = rows.slice(Math.min(from, to), Math.max(from, to) + 1).map((row) => row.path);
  return { ...cursor, at: path, anchor: rows[from]?.path, selected: new Set(range) };
}

export function toggle(cursor: Cursor, path: string): Cursor {
  const selected = new Set(cursor.selected);
  if (!selected.delete(path)) selected.add(path);
  return { ...cursor, at: path, anchor: path, selected };
}

export function fold(cursor: Cursor, path: string, folded: boolean): Cursor {
  const next = new Set(cursor.folded);
  if (folded) next.add(path);
  else next.delete(path);
  return { ...cursor, folded: next };
}

function foldOrUp(cursor: Cursor, rows: readonly Row[], index: number): Cursor {
  const row = rows[index];
  if (!row) return cursor;
  if (row.children > 0 && !row.folded) return fold(cursor, row.path, true);
  const parent = rows.slice(0, index).findLast((above) => above.depth < row.depth);
  return parent ? { ...cursor, at: parent.path, anchor: parent.path } : cursor;
}

function unfoldOrDown(cursor: Cursor, rows: readonly Row[], index: number): Cursor {
  const row = rows[index];
  if (!row || row.children === 0) return cursor;
  if (row.folded) return fold(cursor, row.path, false);
  const child = rows[index + 1];
  return child ? { ...cursor, at: child.path, anchor: child.path } : cursor;
}

/** Removes groups that are gone from the selection; the cursor moves to the row now in its place. */
/** The selected rows that are shown, and how many are not. */
export function shownSelection({ selected }: Pick<Cursor, 'selected'>, rows: readonly Row[]): { shown: string[]; hidden: number } {
  const shown = rows.flatMap(({ path }) => (selected.has(path) ? [path] : []));
  return { shown, hidden: selected.size - shown.length };
}

export function keepKnown(cursor: Cursor, known: ReadonlySet<string>): Cursor {
  const gone = [...cursor.selected].some((path) => !known.has(path));
  return gone ? { ...cursor, selected: new Set([...cursor.selected].filter((path) => known.has(path))) } : cursor;
}
