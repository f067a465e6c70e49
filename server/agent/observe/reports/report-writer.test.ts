// When a report is made and what is merged into it: catches, late kills, and more groups at once than are kept.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NewEvent } from '../../../contract/events.ts';
import type { HoldFacts } from '../../../contract/guards.ts';
import { reportText } from '../../../contract/report-text.ts';
import { ActionJournal } from '../../state/action-journal.ts';
import { EventLog } from '../../state/event-log.ts';
import { ReportFiles } from '../../state/report-files.ts';
import { StateFaults } from '../../state/state-faults.ts';
import { OomBlocks } from '../watch/oom-blocks.ts';
import { ProcessNotes } from '../watch/process-notes.ts';
import { ReportWriter } from './report-writer.ts';

const READINGS = { 'memory.limit_in_bytes': 4096, 'memory.usage_in_bytes': 4096 };
let stateDir: string;
let faults: StateFaults;
let log: EventLog;
let journal: ActionJournal;
let writer: ReportWriter;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'cgdeck-report-writer-'));
  faults = new StateFaults();
  log = new EventLog(stateDir);
  journal = new ActionJournal(stateDir);
  writer = new ReportWriter({
    observer: { past: () => ({ gid: 1, readings: READINGS }), history: () => [] },
    ...{ log, journal, faults, blocks: new OomBlocks(), notes: new ProcessNotes(), files: new ReportFiles({ stateDir, faults }) },
  });
});
afterEach(async () => {
  await writer.close();
  log.close();
  journal.close();
  rmSync(stateDir, { recursive: true });
});

const kill = (more: Partial<Extract<NewEvent, { kind: 'oom_kill' }>> = {}) =>
  log.append({ kind: 'oom_kill', group: '/a', time: Date.now(), count: 1, ...more });

test('kills of a group at about the same time are one report, found by each of them; of another group, another', async () => {
  const [one, two, other] = [kill(), kill({ count: 3 }), kill({ group: '/b' })];
  await nextTurn();
  expect(await writer.get(two.id)).toMatchObject({ id: one.id, count: 4, events: [one.id, two.id] });
  expect(await writer.get(other.id)).toMatchObject({ id: other.id, group: '/b', count: 1 });
});

test('a kill of a time at which cgdeck did not run has no readings of now', async () => {
  const late = kill({ late: true });
  const now = kill({ group: '/b' });
  await nextTurn();
  expect(await writer.get(late.id)).toMatchObject({ late: true, limits: [], history: [] });
  expect((await writer.get(now.id))?.limits).toContainEqual({ group: '/b', limitBytes: 4096, usageBytes: 4096 });
});

test('a catch has its own report, with the limit that the group did not reach', async () => {
  writer.caught(log.append({ kind: 'freeze', group: '/a', time: Date.now() }), '/a');
  const { id } = log.since(0)[0] ?? { id: 0 };
  await nextTurn();
  const report = await writer.get(id);
  expect(report).toMatchObject({ kind: 'catch', count: 0, victims: [] });
  expect(report?.sentence).toMatch(/^\/a was caught by its guard before it reached its limit of 4 KiB/);
});

const FACTS: HoldFacts = {
  ...{ time: 0, state: 'frozen' as const, usageBytes: 60 * 2 ** 20, lineBytes: 4096, kinds: {}, processes: [], processCount: 1 },
  limit: { value: 64 * 2 ** 20, group: '/a' },
};

test.each(['while it is made', 'later'])('a decision completes the report, %s; one that was refused does not end it', async (when) => {
  const held = log.append({ kind: 'hold', group: '/a', time: 1000, reason: 'line', pattern: '/*', facts: FACTS, decidesAt: 301_000 });
  writer.caught(held, '/a');
  await nextTurn();
  if (when === 'later') expect((await writer.get(held.id))?.sentence).toMatch(/before it reached its limit of 64 MiB\.$/);
  const decision = { kind: 'decision', group: '/a', hold: held.id, by: 'ann' } as const;
  log.append({ ...decision, time: 5000, afterMs: 4000, do: 'raise', outcome: 'refused', sentence: 'Could not raise the limit.' });
  log.append({ ...decision, time: 13_000, afterMs: 12_000, do: 'raise', outcome: 'continues', sentence: 'Continues.' });
  await nextTurn();
  await writer.close();
  const report = await new ReportFiles({ stateDir, faults }).get(held.id);
  expect(report).toMatchObject({
    hold: { reason: 'line', deadlineMs: 300_000 },
    decisions: [{ outcome: 'refused' }, { by: 'ann', afterMs: 12_000, outcome: 'continues' }],
  });
  // The guard's line is not its limit.
  expect(report?.limits).toContainEqual({ group: '/a', limitBytes: 64 * 2 ** 20, usageBytes: 4096 });
  expect(report?.sentence).toMatch(
    /^\/a was caught by its guard at 60 MiB, before it reached its limit of 64 MiB.*\. ann decided after 12 s: Continues\.$/,
  );
  if (report)
    expect(reportText(report)).toMatch(/Held\n.*why .*\n(.*\n)*Decided\n.*\(after 4 s\) ann: Could not.*\n.*\(after 12 s\) ann: Continues/);
});

test('what waits is written at the end', async () => {
  const { id } = kill();
  await writer.close();
  expect(await new ReportFiles({ stateDir, faults }).get(id)).toMatchObject({ id });
});

test('of more groups at once than are kept, the rest is counted and reported', async () => {
  for (let n = 0; n < 1010; n++) kill({ group: `/g${n}` });
  await nextTurn();
  await nextTurn();
  expect(faults.sentences).toContain('10 OOM kills have no report: too many groups had one at once.');
});
