// What is missing in the event log's answers: lines, files and ranges that were damaged or lost.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { big, create, KILL, log, path, query, reopen } from './fixtures/test-event-log.ts';

test('a damaged line is a gap between its neighbours, of the kinds in its file', async () => {
  for (const group of ['/a', '/b', '/c']) create(group);
  writeFileSync(path(), readFileSync(path(), 'utf8').replace('"group":"/b"', '"gro\0p":"/b"'));
  reopen();
  log.append(KILL);
  const { events, gaps } = await query();
  expect(events.map(({ id }) => id)).toEqual([1, 3, 4]);
  expect(gaps).toMatchObject([{ from: 2, to: 2 }]);
  expect((await query({ kind: 'oom_kill' })).gaps).toBeUndefined();
  expect((await query({ since: 2 })).gaps).toBeUndefined();
});

test('an older file that is missing', async () => {
  for (let n = 0; n < 30; n++) big();
  const [, second] = readFileSync(path('events.2.ndjson'), 'utf8').match(/^\{"after":(\d+)\}/) ?? [];
  const [, third] = readFileSync(path('events.1.ndjson'), 'utf8').match(/^\{"after":(\d+)\}/) ?? [];
  rmSync(path('events.2.ndjson'));
  reopen();
  const { events, gaps } = await query();
  expect(gaps).toMatchObject([{ from: Number(second) + 1, to: Number(third) }]);
  expect(events.length).toBe(30 - (Number(third) - Number(second)));
});

test('in a file without notes, everything before its first event is missing', async () => {
  const text = '{"kind":"create","group":"/a","time":1,"id":10006}\n{"kind":"create","group":"/b","time":1,"id":10007}\n';
  reopen(() => {
    rmSync(path());
    writeFileSync(path('events.ndjson'), text);
  });
  const { events, gaps } = await query();
  expect(events.map(({ id }) => id)).toEqual([10_006, 10_007]);
  expect(gaps).toMatchObject([
    { from: 1, to: 10_005 },
    { from: 1, to: 10_005 },
  ]);
});
