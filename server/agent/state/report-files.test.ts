// Reports on disk: listed and found, pruned by number and bytes, and damaged ones left out.
import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Report } from '../../contract/reports.ts';
import { ReportFiles } from './report-files.ts';
import { StateFaults } from './state-faults.ts';

let stateDir: string;
let faults: StateFaults;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'cgdeck-reports-'));
  faults = new StateFaults();
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const report = (id: number, more: Partial<Report> = {}): Report => ({
  ...{ id, kind: 'kill', time: id, group: `/g${id % 2}`, sentence: `Report ${id}.`, count: 1, events: [id], host: 'h' },
  ...{ victims: [], limits: [], history: [], before: [], actions: [] },
  ...more,
});
const all = () => true;
const open = (bounds: { most?: number; mostBytes?: number } = {}) => new ReportFiles({ stateDir, faults, ...bounds });
const idsOf = async (files: ReportFiles) => (await files.list(all, 0, Number.POSITIVE_INFINITY, 1000)).reports.map(({ id }) => id);
const onDisk = () =>
  readdirSync(join(stateDir, 'reports'))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);

test('they are listed newest first, in pages, also after a restart', async () => {
  const files = open();
  for (let id = 1; id <= 5; id++) await files.add(report(id));
  for (const one of [files, open()]) {
    expect(await idsOf(one)).toEqual([5, 4, 3, 2, 1]);
    expect(await one.list(({ group }) => group === '/g1', 1, Number.POSITIVE_INFINITY, 1)).toMatchObject({
      reports: [{ id: 5 }],
      more: true,
    });
    expect(await one.list(({ group }) => group === '/g1', 1, 5, 10)).toMatchObject({ reports: [{ id: 3 }], more: false });
    expect(await one.get(3)).toEqual(report(3));
    expect(await one.get(6)).toBeUndefined();
  }
});

test('a report is found by each event that it is about', async () => {
  await open().add(report(10, { events: [10, 12, 15] }));
  const files = open();
  await files.add(report(11, { events: [11, 13] }));
  expect(await Promise.all([10, 11, 12, 13, 14, 15].map(async (id) => (await files.get(id))?.id))).toEqual([10, 11, 10, 11, undefined, 10]);
});

test('the oldest are removed, by number and by bytes', async () => {
  const few = open({ most: 3 });
  for (let id = 1; id <= 5; id++) await few.add(report(id));
  expect(await idsOf(few)).toEqual([5, 4, 3]);
  expect(onDisk()).toEqual([3, 4, 5]);
  const small = open({ mostBytes: 30_000 });
  for (let id = 6; id <= 9; id++) await small.add(report(id, { kernel: { lines: ['x'.repeat(12_000)] } }));
  expect(await idsOf(small)).toEqual([9, 8]);
  expect(onDisk()).toEqual([8, 9]);
  // A lower bound of a later start.
  expect(await idsOf(open({ most: 1 }))).toEqual([9]);
  expect(onDisk()).toEqual([9]);
});

test('damaged ones, and what is no report, are left out, and reported', async () => {
  const before = open();
  for (let id = 1; id <= 4; id++) await before.add(report(id));
  const file = (name: string) => join(stateDir, 'reports', name);
  writeFileSync(file('1.json'), 'not JSON\n');
  writeFileSync(file('2.json'), '{"id": 2}\n{"id": 2}\n');
  truncateSync(file('3.json'), 0);
  writeFileSync(file('9.json.new'), 'half of a rep');
  writeFileSync(file('README'), '');
  const files = open();
  expect(await idsOf(files)).toEqual([4]);
  expect(faults.sentences).toEqual([expect.stringMatching(/^3 reports in .* cannot be read, and are left out: the last is 1\.json\.$/)]);
  expect(readdirSync(join(stateDir, 'reports'))).not.toContain('9.json.new');
});

test('one whose summary is whole and whose rest is cut', async () => {
  const before = open();
  await before.add(report(1));
  const { size } = { size: JSON.stringify(report(1)).length };
  truncateSync(join(stateDir, 'reports', '1.json'), size + 20);
  const files = open();
  expect(await files.get(1)).toBeUndefined();
  expect(faults.sentences).toEqual([expect.stringMatching(/^1 report in .* cannot be read, and is left out/)]);
  expect(await idsOf(files)).toEqual([]);
});

test('characters that act on a terminal are escaped on disk, and the same when read', async () => {
  const files = open();
  const odd = report(1, { sentence: '\u001b[2J\u2028x' });
  await files.add(odd);
  expect(await open().get(1)).toEqual(odd);
});
