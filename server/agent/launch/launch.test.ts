// A launch as a state machine: its states and what may follow each.
import { expect, test } from 'vitest';
import { LaunchRequest } from '../../contract/launch.ts';
import { Launch } from './launch.ts';
import { type LaunchRecord, MAIN } from './launch-store.ts';

const GROUP = '/cgdeck/x';

const recordOf = (change: Partial<LaunchRecord> = {}): LaunchRecord => ({
  id: MAIN,
  group: GROUP,
  dir: '/nowhere',
  pid: 7,
  argv: ['x'],
  namespaces: [],
  tty: false,
  startedAt: 0,
  restarts: { count: 0 },
  request: LaunchRequest.parse({ name: 'x', argv: ['x'] }),
  by: 'admin',
  monitorPid: 8,
  startTicks: 0,
  monitorStartTicks: 0,
  boot: '',
  hostId: 5,
  inARow: 0,
  ...change,
});
const ended = recordOf({ exit: { time: 1 } });
const waits = recordOf({ exit: { time: 1 }, restarts: { count: 0, nextAt: 2 } });

test('is reserved, starts, runs, waits, starts again and is stopped', () => {
  const launch = new Launch(GROUP);
  const states = [launch.state];
  for (const step of [
    () => launch.start(),
    () => launch.run(recordOf()),
    () => launch.rest(waits),
    () => launch.start(),
    () => launch.rest(ended),
  ]) {
    step();
    states.push(launch.state);
  }
  expect(states).toEqual(['reserved', 'starting', 'running', 'waiting', 'starting', 'stopped']);
  expect(launch.isUp).toBe(false);
  expect(() => launch.start()).toThrow(/stopped cannot become starting/);
});

test.each([
  ['running', recordOf()],
  ['waiting', waits],
  ['stopped', ended],
])('one of an earlier agent is %s by its record, and keeps its ids', (state, record) => {
  const launch = Launch.of(GROUP, [record]);
  expect([launch.state, launch.hostId]).toEqual([state, 5]);
});

test('is stopped if its main record is lost, with the programs that joined', () => {
  const launch = Launch.of(GROUP, [recordOf({ id: 'exec-3' })]);
  expect([launch.state, launch.main, launch.get('exec-3')?.id, launch.nextId()]).toEqual(['stopped', undefined, 'exec-3', 'exec-4']);
});

test('has a new end to wait for at each start', async () => {
  const launch = new Launch(GROUP);
  launch.start();
  launch.run(recordOf());
  const first = launch.ended();
  launch.rest(waits);
  await first;
  launch.start();
  const order: string[] = [];
  const second = launch.ended().then(() => order.push('ended'));
  await Promise.resolve();
  order.push('runs');
  launch.run(recordOf({ pid: 9 }));
  launch.rest(ended);
  await second;
  expect(order).toEqual(['runs', 'ended']);
});

test('keeps the last eight of the ended programs that joined', () => {
  const launch = Launch.of(GROUP, [recordOf()]);
  for (let i = 1; i <= 10; i++) launch.note(recordOf({ id: `exec-${i}`, ...(i === 2 ? {} : { exit: { time: i } }) }));
  expect(launch.prune().map(({ id }) => id)).toEqual(['exec-1']);
  expect(launch.joined).toHaveLength(9);
  expect(launch.nextId()).toBe('exec-11');
});
