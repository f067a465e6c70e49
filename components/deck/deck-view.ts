// One person’s view of the deck: filter, sort, cursor, selection, folds. It survives a visit to another page; what a link needs is in the URL.
'use client';
import { createStore } from 'zustand/vanilla';
import { searchOf } from '../frame/links.ts';
import { type Attention, attentions } from './attention.ts';
import { columnIds, firstDirection, type Sort } from './columns.ts';
import { type Cursor, noCursor } from './keys.ts';

export interface DeckView {
  readonly filter: string;
  readonly attention: Attention | undefined;
  readonly flat: boolean;
  readonly sort: Sort;
  readonly cursor: Cursor;
  /** What the sparklines show. */
  readonly spark: 'memory' | 'cpu';
  readonly scrollTop: number;
}

const start: DeckView = {
  filter: '',
  attention: undefined,
  flat: false,
  sort: { by: 'name', descending: false },
  cursor: noCursor,
  spark: 'memory',
  scrollTop: 0,
};

export const deckView = createStore<DeckView>(() => start);

/** The part in the URL: `?q=web&show=oom&flat=1&sort=-memory`. */
export function viewToSearch({ filter, attention, flat, sort }: DeckView): string {
  const sorted = sort.by !== 'name' || sort.descending;
  return searchOf({
    q: filter,
    show: attention,
    flat: flat ? 1 : undefined,
    sort: sorted ? `${sort.descending ? '-' : ''}${sort.by}` : undefined,
  });
}

export function viewFromSearch(search: URLSearchParams): Pick<DeckView, 'filter' | 'attention' | 'flat' | 'sort'> {
  const sort = search.get('sort') ?? '';
  const by = columnIds.find((id) => id === sort.replace(/^-/, '')) ?? start.sort.by;
  return {
    filter: search.get('q') ?? '',
    attention: attentions.find((attention) => attention === search.get('show')),
    flat: search.get('flat') === '1',
    sort: { by, descending: sort.startsWith('-') },
  };
}

/** A press on a column’s head: first the more useful direction, then the other. */
export function nextSort(sort: Sort, by: Sort['by']): Sort {
  return sort.by === by ? { by, descending: !sort.descending } : { by, descending: firstDirection(by) };
}
