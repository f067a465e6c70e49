// The filter of the event log: its URL, what it matches, the bins of the timeline.
import { describe, expect, it } from 'vitest';
import { gapSentence } from '../../server/contract/event-words.ts';
import type { Event, EventGap, EventKind } from '../../server/contract/events.ts';
import { addGap } from '../live/gaps.ts';
import { densityBins, timeTicks } from './density.ts';
import { countKinds, inView, listed, viewFromSearch, viewToSearch, withGaps, withUnloaded } from './event-filter.ts';

const at = (id: number, time: number, group: string, kind: 'freeze' | 'thaw' | 'create' = 'freeze'): Event => ({ id, time, group, kind });
const view = (search: string) => viewFromSearch(new URLSearchParams(search));

describe('the view in the URL', () => {
  it('is read back as it was written', () => {
    const search = '?kinds=oom%2Cpressure&group=%2Fcgdeck%2Fweb&range=10m&from=1000&to=2000&open=7';
    expect(viewToSearch(view(search))).toBe(search);
    expect(viewToSearch(view(''))).toBe('');
  });

  it('ignores what it does not know', () => {
    expect(view('?kinds=oom,nothing&range=1y&from=9&to=3&open=x')).toEqual({
      kinds: new Set(['oom']),
      group: '',
      range: '1h',
      span: undefined,
      open: undefined,
    });
  });
});

describe('what it matches', () => {
  const events = [
    at(1, 1000, '/cgdeck/web'),
    at(2, 700_000, '/cgdeck/web/api', 'thaw'),
    at(3, 800_000, '/cgdeck/website', 'create'),
    at(4, 900_000, '/other'),
  ];

  it('matches a group and what is below it, as far as it is typed', () => {
    const ids = (group: string) => inView(events, { ...view('?range=all'), group }, 900_000).map(({ id }) => id);
    expect(ids('/cgdeck/web/')).toEqual([1, 2]);
    expect(ids('/cgdeck/web')).toEqual([1, 2, 3]);
    expect(ids('/')).toEqual([1, 2, 3, 4]);
    expect(ids('site')).toEqual([3]);
  });

  it('applies the range, then the kinds and the chosen part', () => {
    const recent = inView(events, view('?range=10m'), 900_000);
    expect(recent.map(({ id }) => id)).toEqual([2, 3, 4]);
    expect(listed(recent, view('?kinds=thaw,create')).map(({ id }) => id)).toEqual([2, 3]);
    expect(listed(recent, view('?from=750000&to=900000')).map(({ id }) => id)).toEqual([3]);
    expect(countKinds(recent)).toEqual(
      new Map([
        ['thaw', 1],
        ['create', 1],
        ['freeze', 1],
      ]),
    );
  });
});

describe('the timeline', () => {
  it('puts each event into one bin, the last moment into the last', () => {
    const bins = densityBins([at(1, 0, '/'), at(2, 99, '/', 'create'), at(3, 100, '/')], 0, 100, 10);
    expect(bins.map(({ total }) => total)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    expect(bins[9]?.counts).toMatchObject({ frozen: 1, life: 1 });
    expect(densityBins([at(1, -5, '/')], 0, 100, 10).every(({ total }) => total === 0)).toBe(true);
  });

  it('has round times on its axis', () => {
    expect(timeTicks(1000, 601_000, 8)).toEqual([120_000, 240_000, 360_000, 480_000, 600_000]);
  });
});

describe('gaps', () => {
  const all = [at(5, 10, '/a'), at(100, 4_000_000, '/a'), at(200, 4_000_001, '/a', 'create')];
  const gap = (from: number, to: number, ...kinds: EventKind[]) => ({ from, to, kinds });
  const ids = (search: string, gaps: EventGap[], list = all) =>
    withGaps(
      list.map((event) => ({ event })),
      gaps,
      all,
      view(search),
      4_000_002,
    ).map((row) => ('gap' in row ? `${row.gap.from}-${row.gap.to}` : row.event.id));

  it('come before the first event after them, or at the end', () => {
    expect(ids('range=all', [gap(1, 4, 'freeze'), gap(6, 150, 'create'), gap(201, 300, 'create')])).toEqual([
      ...['1-4', 5, 100, '6-150', 200, '201-300'],
    ]);
  });

  it('of other kinds, or before the range, are left out', () => {
    expect(ids('range=all&kinds=freeze', [gap(1, 4, 'freeze'), gap(6, 150, 'create')])).toEqual(['1-4', 5, 100, 200]);
    expect(ids('range=1h', [gap(1, 4, 'freeze'), gap(50, 99, 'create')], all.slice(1))).toEqual(['50-99', 100, 200]);
  });

  it('are also where this page has only the gravest events, but not in a list of those', () => {
    const unloaded = [...withUnloaded([gap(1, 4, 'freeze')], 150)];
    expect(ids('range=all', unloaded)).toEqual(['1-4', 5, 100, '1-150', 200]);
    expect(ids('range=all&kinds=oom_kill', unloaded)).toEqual([5, 100, 200]);
    expect(withUnloaded([], 0)).toEqual([]);
  });

  it('have a sentence, and are merged where they touch', () => {
    expect(gapSentence(gap(1, 4, 'freeze', 'create'))).toContain('Events 1 to 4 of the kinds Frozen, Created');
    expect(addGap([gap(1, 4, 'freeze'), gap(20, 30, 'freeze'), gap(5, 6, 'create')], gap(5, 10, 'freeze'))).toEqual([
      gap(5, 6, 'create'),
      gap(1, 10, 'freeze'),
      gap(20, 30, 'freeze'),
    ]);
  });
});
