// Ends and restarts of simulated programs, also when a stop or a removal comes meanwhile.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { NewEvent } from '../../contract/events.ts';
import { LaunchRequest } from '../../contract/launch.ts';
import type { Exit } from '../../contract/launched.ts';
import { KeyedQueue } from '../kernel/keyed-queue.ts';
import type { Launch } from './launch.ts';
import { LaunchRecords } from './launch-records.ts';
import { type LaunchRecord, MAIN } from './launch-store.ts';
import { Lifecycle } from './lifecycle.ts';

const GROUP = '/cgdeck/x';

const recordOf = (pid: number): LaunchRecord => ({
  id: MAIN,
  group: GROUP,
  dir: `/nowhere/${pid}`,
  pid,
  argv: ['x'],
  namespaces: [],
  tty: false,
  startedAt: 0,
  restarts: { count: 0 },
  request: LaunchRequest.parse({ name: 'x', argv: ['x'], restart: { policy: 'always' } }),
  by: 'admin',
  monitorPid: pid + 1,
  startTicks: 0,
  monitorStartTicks: 0,
  boot: '',
  hostId: 0,
  inARow: 0,
});

let records: LaunchRecords;
let launch: Launch;
let turns: KeyedQueue;
let there: boolean;
let exit: Exit;
let events: NewEvent[];
/** Ends a followed program. */
let ends: Map<number, () => void>;
const saved = new Map<string, LaunchRecord>();
const discard = vi.fn((dir: string) => void saved.delete(dir));
const start = vi.fn<(launch: Launch, before: LaunchRecord) => Promise<LaunchRecord>>();
let lifecycle: Lifecycle;

const store = { save: (record: LaunchRecord) => void saved.set(record.dir, record), discard, exit: () => exit };
const kinds = () => events.map(({ kind }) => kind);
const begin = (pid: number) => {
  launch.start();
  lifecycle.begin(launch, recordOf(pid));
};
const up = () => launch as Launch & { readonly main: LaunchRecord };

beforeEach(() => {
  vi.useFakeTimers();
  saved.clear();
  there = true;
  exit = { time: Date.now(), code: 1 };
  events = [];
  ends = new Map();
  turns = new KeyedQueue();
  start.mockReset().mockImplementation(async () => recordOf(8));
  discard.mockClear();
  records = new LaunchRecords(store as never);
  launch = records.reserve(GROUP);
  const follow = ({ pid }: LaunchRecord, ended: (wokeMs: number | undefined) => void) => void ends.set(pid, () => ended(1));
  lifecycle = new Lifecycle({
    records,
    store,
    follower: { begin: follow, resume: follow },
    reporter: { report: (event) => events.push(event as NewEvent) as never },
    usage: { of: () => ({}) },
    turns,
    exists: () => there,
    detach: () => {},
    start,
  });
});
afterEach(() => {
  lifecycle.close();
  vi.useRealTimers();
});

test('restarts an ended program after its delay, and counts restarts', async () => {
  begin(7);
  ends.get(7)?.();
  expect([launch.state, launch.main?.restarts.nextAt, kinds()]).toEqual(['waiting', Date.now() + 1000, ['exit', 'restart']]);
  await vi.advanceTimersByTimeAsync(999);
  expect(start).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(launch.main).toMatchObject({ pid: 8, restarts: { count: 1 }, inARow: 1 });
  expect([launch.state, kinds()]).toEqual(['running', ['exit', 'restart', 'launch']]);
});

test('does not restart after a stop or the removal of the group', () => {
  begin(7);
  lifecycle.preventRestart(up());
  ends.get(7)?.();
  expect([launch.state, saved.get('/nowhere/7')?.stopped]).toEqual(['stopped', true]);
  launch = records.reserve(GROUP);
  begin(9);
  there = false;
  ends.get(9)?.();
  expect([launch.state, kinds()]).toEqual(['stopped', ['exit', 'exit']]);
});

test('a stop prevents a planned restart', async () => {
  begin(7);
  ends.get(7)?.();
  lifecycle.preventRestart(up());
  await vi.advanceTimersByTimeAsync(5000);
  expect([launch.state, launch.main?.restarts, start.mock.calls.length]).toEqual(['stopped', { count: 0 }, 0]);
});

test('a stop during a restart waits until the program runs, and prevents the next restart', async () => {
  begin(7);
  ends.get(7)?.();
  const starting = Promise.withResolvers<LaunchRecord>();
  start.mockReturnValue(starting.promise);
  await vi.advanceTimersByTimeAsync(1000);
  const stop = turns.take(GROUP, async () => lifecycle.preventRestart(up()));
  starting.resolve(recordOf(8));
  await stop;
  expect([launch.state, launch.main?.pid]).toEqual(['running', 8]);
  ends.get(8)?.();
  expect(launch.state).toBe('stopped');
});

test('a removal during a restart leaves no launch, and the end is still reported', async () => {
  begin(7);
  ends.get(7)?.();
  const starting = Promise.withResolvers<LaunchRecord>();
  start.mockReturnValue(starting.promise);
  await vi.advanceTimersByTimeAsync(1000);
  lifecycle.cancel(launch);
  records.forget(GROUP);
  starting.resolve(recordOf(8));
  await vi.advanceTimersByTimeAsync(0);
  expect(records.get(GROUP)).toBeUndefined();
  ends.get(8)?.();
  expect(events.at(-1)).toMatchObject({ kind: 'exit', pid: 8 });
  expect([discard.mock.calls.flat(), records.get(GROUP), saved.has('/nowhere/8')]).toEqual([
    ['/nowhere/7', '/nowhere/8'],
    undefined,
    false,
  ]);
});

test('the end of an earlier launch does not affect a new one of the same name', () => {
  begin(7);
  const before = launch;
  launch = records.reserve(GROUP);
  begin(9);
  ends.get(7)?.();
  expect([before.state, launch.state, launch.main?.pid, discard.mock.calls.flat()]).toEqual(['stopped', 'running', 9, ['/nowhere/7']]);
});

test('leaves a restart to the next agent if the program ends while cgdeck stops', async () => {
  begin(7);
  lifecycle.close();
  ends.get(7)?.();
  await vi.advanceTimersByTimeAsync(5000);
  expect([launch.state, start.mock.calls.length, saved.get('/nowhere/7')?.restarts.nextAt]).toEqual(['waiting', 0, expect.any(Number)]);
});

test('retries a failed restart with growing delays, and records the problem', async () => {
  begin(7);
  start.mockRejectedValue(new Error('no such program'));
  ends.get(7)?.();
  await vi.advanceTimersByTimeAsync(1000);
  expect(launch.main).toMatchObject({ pid: 7, inARow: 2, restarts: { count: 1, problem: 'no such program', nextAt: Date.now() + 2000 } });
  await vi.advanceTimersByTimeAsync(2000);
  expect(launch.main).toMatchObject({ inARow: 3, restarts: { count: 2, nextAt: Date.now() + 4000 } });
  start.mockResolvedValue(recordOf(8));
  await vi.advanceTimersByTimeAsync(4000);
  expect(launch.main).toMatchObject({ pid: 8, restarts: { count: 3 } });
});
