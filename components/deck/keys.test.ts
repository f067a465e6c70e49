// The deck’s keyboard: the cursor, the selection, folds, and the actions of keys.
import { describe, expect, it } from 'vitest';
import { comparePaths } from './columns.ts';
import { type Cursor, keepKnown, noCursor, pressKey, selectRange, shownSelection } from './keys.ts';
import { deckRows } from './tree.ts';

const PATHS = ['/', '/a', '/a/one', '/a/two', '/b', '/c'];
const rowsOf = (cursor: Cursor) => deckRows(PATHS, { filter: '', flat: false, folded: cursor.folded, compare: comparePaths });

function press(start: Cursor, ...keys: string[]): Cursor {
  return keys.reduce(
    (cursor, key) => pressKey(cursor, rowsOf(cursor), { key, shift: key === 'J' || key === 'K' })?.cursor ?? cursor,
    start,
  );
}

describe('shownSelection', () => {
  it('is what is selected and in the rows, in their order, and counts the rest', () => {
    const cursor = { ...noCursor, selected: new Set(['/c', '/a/two', '/b']), folded: new Set(['/a']) };
    expect(shownSelection(cursor, rowsOf(cursor))).toEqual({ shown: ['/b', '/c'], hidden: 1 });
  });
});

describe('pressKey', () => {
  it('starts at the first row going down, at the last going up, and stops at the ends', () => {
    expect(press(noCursor, 'j').at).toBe('/');
    expect(press(noCursor, 'k').at).toBe('/c');
    expect(press(noCursor, 'j', 'k', 'k').at).toBe('/');
    expect(press(noCursor, 'G', 'j').at).toBe('/c');
    expect(press(noCursor, 'ArrowDown', 'ArrowDown', 'j').at).toBe('/a/one');
  });

  it('selects and unselects with Space', () => {
    const one = press(noCursor, 'j', 'j', ' ');
    expect([...one.selected]).toEqual(['/a']);
    expect(press(one, ' ').selected.size).toBe(0);
  });

  it('extends from the anchor in both directions', () => {
    const three = press(noCursor, 'j', 'j', 'J', 'J');
    expect([...three.selected]).toEqual(['/a', '/a/one', '/a/two']);
    expect([...press(three, 'K', 'K', 'K').selected]).toEqual(['/', '/a']);
    expect([...selectRange(three, rowsOf(three), '/').selected]).toEqual(['/', '/a']);
  });

  it('folds, then goes to the parent; unfolds, then goes to the first child', () => {
    const onTwo = press(noCursor, 'j', 'j', 'j', 'j');
    expect(onTwo.at).toBe('/a/two');
    const onA = press(onTwo, 'ArrowLeft');
    expect(onA.at).toBe('/a');
    const folded = press(onA, 'ArrowLeft');
    expect([...folded.folded]).toEqual(['/a']);
    expect(press(folded, 'j').at).toBe('/b');
    expect(press(folded, 'ArrowRight').folded.size).toBe(0);
    expect(press(folded, 'ArrowRight', 'ArrowRight').at).toBe('/a/one');
  });

  it('clears the selection first and the filter after that', () => {
    const one = press(noCursor, 'j', ' ');
    const first = pressKey(one, rowsOf(one), { key: 'Escape' });
    expect(first?.command).toBeUndefined();
    expect(first?.cursor.selected.size).toBe(0);
    expect(first && pressKey(first.cursor, rowsOf(first.cursor), { key: 'Escape' })?.command).toBe('clear');
  });

  it('returns a letter’s action, and leaves other keys alone', () => {
    const rows = rowsOf(noCursor);
    const commands = ['Enter', 'f', 't', 'l', 'x', 'n', 'd', '/', '?'].map((key) => pressKey(noCursor, rows, { key })?.command);
    expect(commands).toEqual(['open', 'freeze', 'thaw', 'limits', 'kill', 'create', 'remove', 'filter', 'help']);
    expect(pressKey(noCursor, rows, { key: 'q' })).toBeUndefined();
    expect(pressKey(noCursor, rows, { key: 'Tab' })).toBeUndefined();
  });

  it('does nothing on a table without rows', () => {
    expect(pressKey(noCursor, [], { key: 'j' })?.cursor).toEqual(noCursor);
  });
});

describe('keepKnown', () => {
  it('removes groups that are gone from the selection', () => {
    const cursor = { ...noCursor, selected: new Set(['/a', '/b']) };
    expect([...keepKnown(cursor, new Set(['/b', '/c'])).selected]).toEqual(['/b']);
    expect(keepKnown(cursor, new Set(['/a', '/b']))).toBe(cursor);
  });
});
