// The journals on a disk of 64 KiB that fills up: nobody stops, nothing that was told is untold, and what can be written later is.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProblemError } from '../../contract/problems.ts';
import { ActionJournal } from './action-journal.ts';
import { EventLog } from './event-log.ts';
import { GroupBook } from './group-book.ts';

let dir: string;
const full = () => join(dir, 'full');

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs', dir]);
});

afterEach(() => {
  execFileSync('umount', [dir]);
  rmdirSync(dir);
});

function fill(): void {
  try {
    writeFileSync(full(), Buffer.alloc(1024 * 1024));
  } catch {
    // That is what it is for.
  }
}

test('events go on in memory, and are on disk once there is room', () => {
  const log = new EventLog(dir);
  const heard: number[] = [];
  log.onEvent(({ id }) => heard.push(id));
  log.append({ kind: 'create', group: '/before', time: 1 });
  fill();
  // More than the rest of the page that the file already has.
  for (let i = 0; i < 200; i++) log.append({ kind: 'create', group: `/while/${i}`, time: 1 });
  expect(heard).toHaveLength(201);
  expect(log.since(199).map(({ id }) => id)).toEqual([200, 201]);
  rmSync(full());
  log.append({ kind: 'create', group: '/after', time: 1 });
  log.close();
  const again = new EventLog(dir);
  expect(again.since(0).map(({ id }) => id)).toEqual(Array.from({ length: 202 }, (_, i) => i + 1));
  again.close();
});

test('an action that cannot be noted is refused in words; one that was noted is done', async () => {
  const journal = new ActionJournal(dir);
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
    errno: 'ENOSPC',
    detail: expect.stringContaining('Nothing was done'),
  });
  expect(acted).toBe(false);
  rmSync(full());
  await journal.record(action, async () => {
    acted = true;
  });
  expect(acted).toBe(true);
  journal.close();
});

test('the book of groups is whole again once there is room', () => {
  const book = new GroupBook(dir, 'boot');
  book.added('/', 1);
  book.compact();
  fill();
  for (let i = 2; i < 300; i++) book.added(`/group-${i}`, i);
  book.compact();
  rmSync(full());
  book.removed('/group-2');
  expect(new GroupBook(dir, 'boot').before?.size).toBe(298);
});
