// Kills of the kernel log and of the counters become events: each once, with a name only where it is known to be that group's.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { victimsOf } from '../../contract/event-facts.ts';
import { eventSentence } from '../../contract/event-words.ts';
import type { Change } from '../../contract/frame.ts';
import { Layout } from '../kernel/hierarchy/layout.ts';
import { EventLog } from '../state/event-log.ts';
import { Reporter } from './reporter.ts';
import { Members } from './watch/members.ts';
import type { OomKill } from './watch/oom-lines.ts';

const GROUP = '/a';
const KEY = 'memory.events.local:oom_kill';
let dir: string;
let log: EventLog;
let members: Members;
let reporter: Reporter;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout', 'Date'] });
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-reporter-'));
  log = new EventLog(dir);
  members = new Members(new Layout([]));
  reporter = new Reporter(log, members);
});
afterEach(() => {
  log.close();
  rmSync(dir, { recursive: true });
  vi.useRealTimers();
});

const kill = (pid: number, place: Partial<OomKill> = {}): OomKill => ({
  ...{ sequence: pid, timeUsec: pid, pid, comm: `p${pid}`, rssBytes: 1024 },
  ...place,
});
/** What the kernel writes of a group that is killed as a whole: the chosen process, and again with the others; it counts it twice, too. */
const CHOSEN = { group: GROUP, limitGroup: GROUP };
const WHOLE = [kill(1, CHOSEN), kill(1, { ...CHOSEN, again: true }), kill(2, { whole: GROUP }), kill(3, { whole: GROUP })];
const live = (...kills: readonly OomKill[]) => {
  for (const one of kills) reporter.killed(one, 1);
};

function tick(...counters: readonly (readonly [path: string, kills: number])[]): void {
  vi.advanceTimersByTime(1000);
  const changes: Change[] = counters.map(([, kills], gid) => [gid, KEY, kills]);
  reporter.ticked(
    changes,
    (gid) => counters[gid]?.[0],
    () => undefined,
    () => ({}),
  );
}

/** Of all events: how many kills of each group, and the pids that have a name. */
function reported(): Record<string, { count: number; pids: number[] }> {
  for (let i = 0; i < 5; i++) tick();
  reporter.stop();
  const groups: Record<string, { count: number; pids: number[] }> = {};
  for (const event of log.since(0)) {
    if (event.kind !== 'oom_kill') continue;
    const { count, pids } = groups[event.group] ?? { count: 0, pids: [] };
    groups[event.group] = { count: count + event.count, pids: [...pids, ...victimsOf(event).map(({ pid }) => pid)] };
  }
  return groups;
}

test('a group that is killed as a whole: each victim once, whatever comes first, the log or the counter', () => {
  reporter.groupAdded(GROUP);
  tick([GROUP, 0]);
  live(...WHOLE);
  tick([GROUP, 4]);
  expect(reported()).toEqual({ [GROUP]: { count: 3, pids: [1, 2, 3] } });
});

test('the counter comes first, and the log a moment later', () => {
  tick([GROUP, 5]);
  tick([GROUP, 9]);
  live(...WHOLE);
  expect(reported()).toEqual({ [GROUP]: { count: 3, pids: [1, 2, 3] } });
});

test('the victims of a group as a whole are as many as its counter: what the log names beyond was killed elsewhere', () => {
  tick([GROUP, 0]);
  live(...WHOLE, kill(9, { whole: GROUP }));
  tick([GROUP, 4]);
  expect(reported()).toEqual({ [GROUP]: { count: 3, pids: [1, 2, 3] } });
});

test('where it was last seen counts for more than what the lines before it are about', () => {
  members.entered('/b', 2);
  tick([GROUP, 0], ['/b', 0]);
  live(...WHOLE);
  tick([GROUP, 3], ['/b', 1]);
  expect(reported()).toEqual({ [GROUP]: { count: 2, pids: [1, 3] }, '/b': { count: 1, pids: [2] } });
});

test('a victim whose line comes twice is one kill, also where no line has its group', () => {
  tick([GROUP, 0]);
  live(kill(2, { whole: GROUP }), kill(2, { whole: GROUP, again: true }), kill(3, { whole: GROUP }));
  // The kernel counts the first one twice.
  tick([GROUP, 3]);
  expect(reported()).toEqual({ [GROUP]: { count: 2, pids: [2, 3] } });
});

test('without a counter of kills what the log names is reported at once, and what it does not is not', () => {
  members.entered('/b', 7);
  reporter.groupAdded(GROUP);
  live(...WHOLE, kill(7), kill(8));
  expect(reported()).toEqual({ [GROUP]: { count: 3, pids: [1, 2, 3] }, '/b': { count: 1, pids: [7] } });
});

test('a victim that was last seen outside the group whose limit was met is not named for it', () => {
  members.entered('/b', 7);
  tick([GROUP, 0], ['/b', 0]);
  live(kill(7, { limitGroup: GROUP }));
  tick([GROUP, 1], ['/b', 1]);
  expect(reported()).toEqual({ [GROUP]: { count: 1, pids: [] }, '/b': { count: 1, pids: [] } });
});

test('kills from before the start are reported once, as late, with all victims of a group as a whole', () => {
  for (const one of WHOLE) reporter.killed(one, undefined);
  // Of those the counter has nothing to add.
  tick([GROUP, 4]);
  for (const one of WHOLE) reporter.killed(one, undefined);
  expect(log.since(0).every((event) => event.late)).toBe(true);
  expect(reported()).toEqual({ [GROUP]: { count: 3, pids: [1, 2, 3] } });
});

test('a group that its guard stops, and those below it, are not out of memory', () => {
  reporter.isGuarded = (group) => group === GROUP;
  reporter.oom(GROUP, 1, true, 1);
  reporter.oom(`${GROUP}/below`, 1, true, 1);
  reporter.oom('/b', 1, true, 1);
  // The kernel kills in it: its guard does not stop it now.
  reporter.oom(GROUP, 1, false, 1);
  reporter.stop();
  expect(log.since(0).map(({ kind, group }) => [kind, group])).toEqual([
    ['oom', '/b'],
    ['oom', GROUP],
  ]);
});

test.each([
  ['of a suspend', 8 * 3600_000],
  ['of a month at 20 ppm', 52_000],
  ['in which the clocks agree', 0],
])('a kill that was reported is not found again in the log after a time %s, a later one of the same pid is', (_, shiftMs) => {
  reporter.killed(kill(7, CHOSEN), 1);
  vi.setSystemTime(Date.now() + shiftMs);
  const next = new Reporter(log, members);
  next.killed(kill(7, CHOSEN), undefined);
  next.killed(kill(7, { ...CHOSEN, sequence: 8 }), undefined);
  expect(log.since(0).map((event) => [victimsOf(event)[0]?.record, event.late ?? false])).toEqual([
    [7, false],
    [8, true],
  ]);
});

test('a file that was found changed, or changed with another, is no write of its own', () => {
  const changes: Change[] = ['cpu.max:quota', 'cpu.weight', 'pids.max'].map((key) => [1, key, 7]);
  reporter.ticked(
    changes,
    () => GROUP,
    () => ({ 'cpu.max:quota': 5, 'cpu.max:period': 100, 'cpu.weight': 5, 'pids.max': 5 }),
    (_, file) => (file === 'cpu.max' ? { found: true } : file === 'cpu.weight' ? { through: 'cpu.idle' } : {}),
  );
  expect(log.since(0).map(eventSentence)).toEqual([
    'cpu.max: 0.05 CPUs → 0.07 CPUs, found changed',
    'cpu.weight: 5 → 7, with cpu.idle',
    'pids.max: 5 → 7',
  ]);
});
