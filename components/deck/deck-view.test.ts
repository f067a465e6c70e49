// The deck’s view in its URL, and the direction of a sort.
import { describe, expect, it } from 'vitest';
import { deckView, nextSort, viewFromSearch, viewToSearch } from './deck-view.ts';

describe('the view in the URL', () => {
  it('is read back as it was written', () => {
    const part = { filter: 'web api', attention: 'oom', flat: true, sort: { by: 'growth', descending: true } } as const;
    const search = viewToSearch({ ...deckView.getInitialState(), ...part });
    expect(search).toBe('?q=web+api&show=oom&flat=1&sort=-growth');
    expect(viewFromSearch(new URLSearchParams(search))).toEqual(part);
  });

  it('is empty for the default view, and ignores what it does not know', () => {
    expect(viewToSearch(deckView.getInitialState())).toBe('');
    expect(viewFromSearch(new URLSearchParams('?show=everything&sort=-colour'))).toMatchObject({
      attention: undefined,
      sort: { by: 'name' },
    });
  });
});

describe('nextSort', () => {
  it('starts with the most useful direction, then reverses', () => {
    const name = { by: 'name', descending: false } as const;
    expect(nextSort(name, 'memory')).toEqual({ by: 'memory', descending: true });
    expect(nextSort(name, 'headroom')).toEqual({ by: 'headroom', descending: false });
    expect(nextSort({ by: 'memory', descending: true }, 'memory')).toEqual({ by: 'memory', descending: false });
  });
});
