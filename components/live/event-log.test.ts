// What the page keeps of a long log: the newest events, and of those before them the gravest.
import { expect, test } from 'vitest';
import type { Event } from '../../server/contract/events.ts';
import { EventLog } from './event-log.ts';

const created = (id: number): Event => ({ kind: 'create', id, time: id, group: `/g${id}` });
const kill = (id: number): Event => ({ kind: 'oom_kill', id, time: id, group: '/a', count: 1 });
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => created(from + i));

test('a kill is kept while ten thousand groups come and go, and the memory for them stays bounded', () => {
  const log = new EventLog();
  log.add([kill(1)]);
  for (let id = 2; id <= 20_001; id += 100) log.add(range(id, id + 99));
  expect(log.events).toHaveLength(6000);
  expect(log.events[0]).toMatchObject({ id: 1, kind: 'oom_kill' });
  expect(log.lastId).toBe(20_001);
});

test('kills alone have a maximum, too: the newest of them stay', () => {
  const log = new EventLog();
  log.add(Array.from({ length: 2000 }, (_, i) => kill(i + 1)));
  log.add(range(2001, 8000));
  expect(log.events).toHaveLength(6000);
  expect(log.events[0]?.id).toBe(1001);
});

test('it knows up to where events are missing, so that older ones are asked for from there, and then are complete', () => {
  const log = new EventLog();
  log.add([kill(1), ...range(2, 100), kill(101), ...range(102, 7000)]);
  expect(log.droppedId).toBe(1002);
  expect(log.oldestId).toBe(1003);
  log.addOlder(range(503, 1002), 502);
  expect([log.droppedId, log.oldestId]).toEqual([502, 503]);
  log.addOlder([kill(1), ...range(2, 100), kill(101), ...range(102, 502)], 0);
  expect([log.droppedId, log.oldestId, log.events.length]).toEqual([0, 1, 7000]);
});

test('an event of a kind that only a later version knows is left out, and counted as seen', () => {
  const log = new EventLog();
  log.add([created(1), { ...created(2), kind: 'teleport' } as never]);
  expect(log.events.map(({ id }) => id)).toEqual([1]);
  expect(log.lastId).toBe(2);
});
