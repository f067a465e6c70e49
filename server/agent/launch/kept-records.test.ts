// Which ended launches outlive a restart: the latest, by count and by the size of their output.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../link/fixtures/stand-in-agent.ts';
import { keptGroups } from './kept-records.ts';
import type { Launch } from './launch.ts';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** A launch that ended at this time, with so much output in both files. */
function ended(group: string, time: number | undefined, bytes = 0): Launch {
  const dir = join(folder.path, group);
  mkdirSync(dir);
  for (const name of ['output', 'output.1']) writeFileSync(join(dir, name), Buffer.alloc(bytes / 2));
  const main = { group, dir, exit: time === undefined ? undefined : { time } };
  return { group, main, records: [main] } as unknown as Launch;
}

test('the latest are kept, up to a number; what still runs has its group anyway', () => {
  const launches = [ended('/a', 1), ended('/b', 3), ended('/c', 2), ended('/d', undefined)];
  expect([...keptGroups(launches, { launches: 2, outputBytes: 10 })]).toEqual(['/b', '/c']);
});

test('output counts, in both of its files', () => {
  const launches = [ended('/a', 1, 2), ended('/b', 2, 6), ended('/c', 3, 4)];
  expect([...keptGroups(launches, { launches: 9, outputBytes: 10 })]).toEqual(['/c', '/b']);
});
