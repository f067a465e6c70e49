// The logs on a disk of 64 KiB that fills up: nothing fails, no event that was sent is lost, and lines are written once there is space.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProblemError } from '../../contract/problems.ts';
import { ActionJournal } from './action-journal.ts';
import { EventLog } from './event-log.ts';
import { GroupBook } from './group-book.ts';
import { StateFaults } from './state-faults.ts';

let dir: string;
const full = () => join(dir, 'full');

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-full-'));
});

afterEach(() => {
  // Lazily, since a failed test leaves a file open.
  execFileSync('umount', ['-l', dir]);
  rmdirSync(dir);
});

function mount(options: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `mode=700,${options}`, 'tmpfs', dir]);
}

function fill(): void {
  try {
    writeFileSync(full(), Buffer.alloc(1024 * 1024));
  } catch {
    // The disk is full.
  }
}

test('events are kept in memory, and are on disk once there is space', () => {
  mount('size=64k');
  const log = new EventLog(dir);
  const sent: number[] = [];
  log.onEvent(({ id }) => sent.push(id));
  log.append({ kind: 'create', group: '/before', time: 1 });
  fill();
  // More than what is left of the file's last page.
  for (let i = 0; i < 200; i++) log.append({ kind: 'create', group: `/while/${i}`, time: 1 });
  expect(sent).toHaveLength(201);
  expect(log.since(199).map(({ id }) => id)).toEqual([200, 201]);
  rmSync(full());
  log.append({ kind: 'create', group: '/after', time: 1 });
  log.close();
  const again = new EventLog(dir);
  expect(again.since(0).map(({ id }) => id)).toEqual(Array.from({ length: 202 }, (_, i) => i + 1));
  again.close();
});

test('an action that cannot be recorded is refused, one that was recorded ends; safer actions are done, and recorded later', async () => {
  mount('size=64k');
  const faults = new StateFaults();
  const journal = new ActionJournal(dir, faults);
  const action = { by: 'operator', action: 'write', group: '/a', facts: { text: 'x'.repeat(3000) } };
  expect(
    await journal.record(
      action,
      async () => {
        fill();
        return 'done';
      },
      () => 'x'.repeat(3000),
    ),
  ).toBe('done');
  let acted = false;
  const refused = await journal
    .record(action, async () => {
      acted = true;
    })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ProblemError);
  expect((refused as ProblemError).problem).toMatchObject({
    code: 'busy',
    detail: expect.stringContaining('Nothing was done'),
  });
  expect(acted).toBe(false);
  expect(faults.sentences.join()).toContain('ENOSPC');
  for (let n = 0; n < 100; n++) expect(await journal.record({ by: 'operator', action: 'kill', group: '/a', safer: true }, () => n)).toBe(n);
  rmSync(full());
  await journal.record(action, async () => {
    acted = true;
  });
  expect(acted).toBe(true);
  expect(faults.sentences).toEqual([]);
  const lines = readFileSync(join(dir, 'journal.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  expect(lines.map((line) => JSON.parse(line)).map(({ number, phase }) => `${number} ${phase}`)).toEqual([
    ...['1 asked', '1 done'],
    ...Array.from({ length: 100 }, (_, n) => [`${n + 3} asked`, `${n + 3} done`]).flat(),
    ...['103 asked', '103 done'],
  ]);
  journal.close();
});

test('the book of groups is complete again once there is space', () => {
  mount('size=64k');
  const book = new GroupBook(dir, 'boot');
  book.added('/', 1);
  book.compact();
  fill();
  for (let i = 2; i < 300; i++) book.added(`/group-${i}`, i);
  book.compact();
  rmSync(full());
  book.removed('/group-2');
  book.close();
  expect(new GroupBook(dir, 'boot').before?.size).toBe(298);
});

test('if a new file cannot be made, the old one stays in use: no line is written to a closed descriptor', async () => {
  // The folder and the journal.
  mount('size=64m,nr_inodes=2');
  const other = join(tmpdir(), `cgdeck-other-${process.pid}`);
  const journal = new ActionJournal(dir);
  const action = { by: 'operator', action: 'write', group: '/a', facts: { text: 'x'.repeat(1024 * 1024) } };
  for (let n = 0; n < 10; n++) await journal.record(action, () => {}).catch(() => {});
  // The next file opened gets the number that was closed last.
  const fd = openSync(other, 'w');
  try {
    for (let n = 0; n < 3; n++) await journal.record(action, () => {});
    expect(readFileSync(other, 'utf8')).toBe('');
    execFileSync('mount', ['-o', 'remount,nr_inodes=10', dir]);
    await journal.record(action, () => {});
    journal.close();
  } finally {
    closeSync(fd);
    rmSync(other);
  }
  const numbers = ['journal.1.ndjson', 'journal.ndjson'].flatMap((name) =>
    readFileSync(join(dir, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `${JSON.parse(line).number} ${JSON.parse(line).phase}`),
  );
  expect(numbers).toEqual(Array.from({ length: 14 }, (_, n) => [`${n + 1} asked`, `${n + 1} done`]).flat());
});
