// The deck’s rows: the tree, sorting siblings, filtering with ancestors, folding.
import { describe, expect, it } from 'vitest';
import { comparePaths } from './columns.ts';
import { deckRows, type RowsAsked } from './tree.ts';

const PATHS = [
  '/',
  '/cgdeck',
  '/cgdeck/web',
  '/cgdeck/web/worker-10',
  '/cgdeck/web/worker-2',
  '/cgdeck/db',
  '/system.slice',
  '/system.slice/ssh.service',
];
const asked = (part: Partial<RowsAsked> = {}): RowsAsked => ({
  filter: '',
  flat: false,
  folded: new Set(),
  compare: comparePaths,
  ...part,
});
const shape = (part: Partial<RowsAsked> = {}, paths: readonly string[] = PATHS) =>
  deckRows(paths, asked(part)).map((row) => `${'  '.repeat(row.depth)}${row.name}`);

describe('deckRows', () => {
  it('puts the machine first and indents what is below its children', () => {
    expect(shape()).toEqual(['/', 'cgdeck', '  db', '  web', '    worker-2', '    worker-10', 'system.slice', '  ssh.service']);
  });

  it('counts siblings and groups below', () => {
    const rows = deckRows(PATHS, asked());
    expect(rows.find((row) => row.path === '/cgdeck/web')).toMatchObject({ place: 2, siblings: 2, children: 2, folded: false });
  });

  it('hides what is folded', () => {
    expect(shape({ folded: new Set(['/cgdeck/web', '/system.slice']) })).toEqual(['/', 'cgdeck', '  db', '  web', 'system.slice']);
  });

  it('shows the ancestors of a match, unfolds them, and marks the match itself', () => {
    const rows = deckRows(PATHS, asked({ filter: 'WORKER cgdeck', folded: new Set(['/cgdeck']) }));
    expect(rows.map((row) => [row.path, row.matches])).toEqual([
      ['/cgdeck', false],
      ['/cgdeck/web', false],
      ['/cgdeck/web/worker-2', true],
      ['/cgdeck/web/worker-10', true],
    ]);
  });

  it('takes a condition in addition to the words', () => {
    expect(shape({ only: (path) => path === '/cgdeck/db' })).toEqual(['cgdeck', '  db']);
    expect(shape({ filter: 'web', only: (path) => path === '/cgdeck/db' })).toEqual([]);
  });

  it('sorts siblings within their parent, and all together in a flat list', () => {
    const weight: Record<string, number> = { '/cgdeck/db': 5, '/cgdeck/web': 9, '/system.slice': 7, '/cgdeck': 6 };
    const compare = (a: string, b: string) => (weight[b] ?? 0) - (weight[a] ?? 0) || comparePaths(a, b);
    expect(shape({ compare }).slice(0, 3)).toEqual(['/', 'system.slice', '  ssh.service']);
    expect(shape({ compare, flat: true }).slice(0, 4)).toEqual(['cgdeck/web', 'system.slice', 'cgdeck', 'cgdeck/db']);
  });

  it('puts a group without a parent under its nearest ancestor', () => {
    expect(shape({}, ['/', '/a', '/a/b/c'])).toEqual(['/', 'a', '  b/c']);
    expect(shape({}, ['/x/y'])).toEqual(['x/y']);
  });

  it('builds 1,000 groups and more', () => {
    const paths = ['/', ...Array.from({ length: 2000 }, (_, i) => `/docker/${i}`), '/docker'];
    expect(deckRows(paths, asked())).toHaveLength(2002);
  });
});
