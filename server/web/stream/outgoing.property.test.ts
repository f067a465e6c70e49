// Whatever happens on the machine, and whenever a client joins or shows another group: it has the summary of all groups and all readings of its own.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Change } from '../../contract/columns.ts';
import { testFrame } from '../../contract/fixtures/test-frame.ts';
import { decodeFrame, encodeFrame, type GroupEntry, joinParts } from '../../contract/frame.ts';
import { GroupMirror } from '../../contract/mirror.ts';
import { summaryOf } from '../../contract/summary.ts';
import { outgoingDetail, outgoingState, outgoingTick, type Payload } from './outgoing.ts';

const PATHS = ['/a', '/b', '/c', '/never'];
const KEYS = ['memory.current', 'memory.stat:anon', 'memory.max', 'pids.max'];

/** Each path is one group after another: an odd step removes what is there. */
const step = fc.record({
  remade: fc.array(fc.nat({ max: 2 }), { maxLength: 2 }),
  changes: fc.array(fc.tuple(fc.nat({ max: 2 }), fc.constantFrom(...KEYS), fc.oneof(fc.nat(), fc.constantFrom('max', null))), {
    maxLength: 8,
  }),
  shows: fc.option(fc.option(fc.constantFrom(...PATHS), { nil: 'none' })),
  joins: fc.boolean(),
});

class Page {
  readonly mirror = new GroupMirror();
  shows: string | undefined;

  get(payload: Payload | undefined): void {
    if (!payload) return;
    const frame = decodeFrame(joinParts(...payload.filter((part) => typeof part !== 'string')));
    const shown = this.shows === undefined ? undefined : this.mirror.byPath(this.shows);
    if (frame.adds && shown) shown.readings = summaryOf(shown.readings);
    expect(this.mirror.apply(frame)).toBe(true);
  }

  show(path: string | undefined): void {
    const left = this.shows === undefined ? undefined : this.mirror.byPath(this.shows);
    if (left) left.readings = summaryOf(left.readings);
    this.shows = path;
  }
}

test('pages have what the agent has', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 10 }), (steps) => {
      const mirror = new GroupMirror();
      const page = new Page();
      let [seq, nextGid] = [0, 1];
      const gids = [0, 0, 0];
      for (const { remade, changes, shows, joins } of steps) {
        const places = seq === 0 ? [0, 1, 2] : [...new Set(remade)];
        const removed = seq === 0 ? [] : places.map((place) => gids[place] ?? 0);
        for (const place of places) gids[place] = nextGid++;
        const groups = places.map((place): GroupEntry => {
          const id = gids[place] ?? 0;
          return { gid: id, path: PATHS[place] ?? '', inode: id, managed: true, self: false, controllers: [] };
        });
        const readings = changes.map(([place, key, value]): Change => [gids[place] ?? 0, key, value]);
        const frame = decodeFrame(encodeFrame(testFrame({ seq: ++seq, full: seq === 1, groups, removed, changes: readings })));
        const bytes = encodeFrame(frame);
        mirror.apply(frame);
        const whole = () => outgoingState(mirror)?.for({ form: 'summary', detail: page.shows });
        const tick = outgoingTick(frame, bytes, mirror, () => undefined).for({ form: 'summary', detail: page.shows });
        page.get(joins ? whole() : tick);
        if (shows !== null) {
          page.show(shows === 'none' ? undefined : shows);
          if (page.shows !== undefined) page.get(outgoingDetail(mirror, page.shows));
        }
        for (const path of PATHS) {
          const all = mirror.byPath(path)?.readings;
          expect(page.mirror.byPath(path)?.readings).toEqual(all && path !== page.shows ? summaryOf(all) : all);
        }
      }
    }),
  );
});
