// Restarts against made-up launches: when they come, what calls them off, and what becomes of one that meets a stop.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LaunchRequest } from '../../contract/launch.ts';
import { type LaunchRecord, MAIN } from './launch-store.ts';
import { Restarts } from './restarts.ts';

const GROUP = '/cgdeck/x';
const FAILED = { code: 1 };

const recordOf = (pid: number): LaunchRecord => ({
  id: MAIN,
  group: GROUP,
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

let records: Map<string, LaunchRecord>;
let there: boolean;
const start = vi.fn<(before: LaunchRecord) => Promise<LaunchRecord>>();
const started = vi.fn<(record: LaunchRecord) => void>();
const end = vi.fn(async () => {});
let restarts: Restarts;

const known = () => records.get(GROUP);

beforeEach(() => {
  vi.useFakeTimers();
  records = new Map([[GROUP, recordOf(7)]]);
  there = true;
  start.mockReset().mockResolvedValue(recordOf(8));
  started.mockReset().mockImplementation((record) => void records.set(GROUP, record));
  end.mockClear();
  const set = (record: LaunchRecord) => void records.set(record.group, record);
  restarts = new Restarts({ records: { get: (group) => records.get(group), set }, exists: () => there, start, started, end });
});
afterEach(() => {
  restarts.close();
  vi.useRealTimers();
});

test('a launch that ended is started again when its time has come, and counted', async () => {
  expect(restarts.after(recordOf(7), FAILED)).toEqual({ delayMs: 1000, inARow: 1 });
  restarts.plan(recordOf(7), 1000);
  await vi.advanceTimersByTimeAsync(999);
  expect(start).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(known()).toMatchObject({ pid: 8, restarts: { count: 1 } });
  expect(end).not.toHaveBeenCalled();
});

test('one that was stopped, joined another or has lost its group stays down', () => {
  expect(restarts.after({ ...recordOf(7), stopped: true }, FAILED)).toBeUndefined();
  expect(restarts.after({ ...recordOf(7), id: 'exec-1' }, FAILED)).toBeUndefined();
  there = false;
  expect(restarts.after(recordOf(7), FAILED)).toBeUndefined();
});

test('a stop calls a planned restart off, and so does the end of everything', async () => {
  restarts.plan(recordOf(7), 1000);
  expect(restarts.callOff({ ...recordOf(7), restarts: { count: 3, nextAt: 1000 } }).restarts).toEqual({ count: 3 });
  restarts.plan({ ...recordOf(7), group: '/cgdeck/y' }, 1000);
  restarts.close();
  await vi.advanceTimersByTimeAsync(5000);
  expect(start).not.toHaveBeenCalled();
  expect(restarts.after(recordOf(7), FAILED)).toBeUndefined();
});

test('a stop that comes while it is started ends it, and it is not started once more', async () => {
  const starting = Promise.withResolvers<LaunchRecord>();
  start.mockReturnValue(starting.promise);
  restarts.plan(recordOf(7), 1000);
  await vi.advanceTimersByTimeAsync(1000);
  records.set(GROUP, { ...recordOf(7), stopped: true });
  starting.resolve(recordOf(8));
  await vi.advanceTimersByTimeAsync(0);
  expect(known()).toMatchObject({ pid: 8, stopped: true });
  expect(end).toHaveBeenCalledWith(GROUP);
  expect(restarts.after(known() ?? recordOf(0), FAILED)).toBeUndefined();
});

test('what could not be started is tried again, later each time, and says why', async () => {
  start.mockRejectedValue(new Error('no such program'));
  restarts.plan(recordOf(7), 0);
  await vi.advanceTimersByTimeAsync(0);
  expect(known()).toMatchObject({ pid: 7, inARow: 1, restarts: { count: 1, problem: 'no such program', nextAt: Date.now() + 1000 } });
  await vi.advanceTimersByTimeAsync(1000);
  expect(known()).toMatchObject({ inARow: 2, restarts: { count: 2, nextAt: Date.now() + 2000 } });
  start.mockResolvedValue(recordOf(8));
  await vi.advanceTimersByTimeAsync(2000);
  expect(known()).toMatchObject({ pid: 8, restarts: { count: 3 } });
});
