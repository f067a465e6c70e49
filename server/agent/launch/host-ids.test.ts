// Ranges of host ids: a name keeps its own, no two names share one, and how many are kept is bounded.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StateFaults } from '../state/state-faults.ts';
import { HostIds, isOfLaunch, MAPPED_IDS } from './host-ids.ts';

let dir: string;
let faults: StateFaults;
const ids = () => new HostIds(dir, faults);
const none = new Set<number>();
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-ids-'));
  faults = new StateFaults();
});
afterEach(() => rmSync(dir, { recursive: true }));

test('a name keeps its range, also over a restart, and no other name gets it', () => {
  const first = ids();
  const own = first.of('/a', none);
  expect(own % MAPPED_IDS).toBe(0);
  expect([isOfLaunch(own), isOfLaunch(own - 1 - 4096 * MAPPED_IDS), isOfLaunch(1000)]).toEqual([true, false, false]);
  const others = Array.from({ length: 500 }, (_, i) => first.of(`/b${i}`, none));
  expect(new Set([own, ...others]).size).toBe(501);
  first.close();
  const again = ids();
  expect(again.of('/a', none)).toBe(own);
  expect(again.of('/b7', none)).toBe(others[7]);
  expect([own, ...others]).not.toContain(again.of('/new', none));
  expect(again.nameOf(own + 1000)).toBe('/a');
  expect(again.nameOf(1000)).toBeUndefined();
});

test('ids of an earlier agent that did not write them are taken over, unless another name has them', () => {
  const all = ids();
  const own = all.of('/a', none);
  all.note('/b', own);
  all.note('/c', 1_879_048_192 === own ? own + MAPPED_IDS : 1_879_048_192);
  expect(all.of('/b', none)).not.toBe(own);
  expect(all.of('/c', none)).toBe(1_879_048_192 === own ? own + MAPPED_IDS : 1_879_048_192);
});

test('a range that is in use elsewhere is replaced', () => {
  const all = ids();
  const own = all.of('/a', none);
  const other = all.of('/a', new Set([own]));
  expect(other).not.toBe(own);
  expect(all.of('/a', none)).toBe(other);
});

test('2048 names are kept, those used last; a forgotten range is not the next one', () => {
  const all = ids();
  const first = all.of('/first', none);
  const kept = all.of('/kept', none);
  for (let i = 0; i < 2047; i++) {
    if (i === 1000) all.of('/kept', none);
    expect(all.of(`/n${i}`, none)).not.toBe(first);
  }
  expect(all.of('/kept', none)).toBe(kept);
  expect(all.nameOf(first)).toBeUndefined();
  all.close();
  expect(Object.keys(JSON.parse(readFileSync(join(dir, 'host-ids.json'), 'utf8')).ranges)).toHaveLength(2048);
});

test('with all ranges in use the launch is refused', () => {
  const all = ids();
  const taken = new Set<number>();
  for (let i = 0; i < 4096; i++) taken.add(all.of(`/n${i}`, taken));
  expect(() => all.of('/more', taken)).toThrow('in use');
});

test('a file that is damaged, or has what is no range, is reported or left out', () => {
  const path = join(dir, 'host-ids.json');
  writeFileSync(path, '{"ranges":{"/a":0,"/b":1879048193,"/c":1879048192}}');
  expect(ids().of('/c', none)).toBe(1_879_048_192);
  expect(isOfLaunch(ids().of('/a', none))).toBe(true);
  writeFileSync(path, '{');
  ids();
  expect(faults.sentences.join()).toContain('host-ids.json is damaged');
});
