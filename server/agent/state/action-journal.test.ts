// The journal of actions: an action is on disk before it is done, and its end after.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ActionJournal } from './action-journal.ts';

let dir: string;
let journal: ActionJournal;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-journal-'));
  journal = new ActionJournal(dir);
});

afterEach(() => rmSync(dir, { recursive: true }));

function entries(): Record<string, unknown>[] {
  return readFileSync(join(dir, 'journal.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const ACTION = { by: 'operator', action: 'write', group: '/a', facts: { file: 'pids.max', old: '5', asked: '6' } };

test('who, what, old and asked are on disk when the action begins, and its outcome after', async () => {
  const result = await journal.record(
    ACTION,
    async () => {
      expect(entries()).toEqual([{ number: 1, time: expect.any(Number), phase: 'asked', ...ACTION }]);
      return { new: '6' };
    },
    (done) => done.new,
  );
  expect(result).toEqual({ new: '6' });
  expect(entries()[1]).toEqual({ number: 1, time: expect.any(Number), phase: 'done', outcome: '6' });
});

test('a line is safe to print on a terminal, whatever texts it has', async () => {
  const facts = { argv: ['\x1b[2J\x7f\u009b31m', 'a\u202eb', '\u{e0001}größe'] };
  await journal.record({ ...ACTION, facts }, () => {});
  expect(entries()[0]).toMatchObject({ facts });
  expect(readFileSync(join(dir, 'journal.ndjson'), 'utf8')).not.toMatch(/[\p{Cc}\p{Cf}](?<!\n)/u);
});

test('a refused action is recorded with its reason, and still refused', async () => {
  const refused = new Error('The kernel answered EBUSY.');
  await expect(journal.record(ACTION, () => Promise.reject(refused))).rejects.toBe(refused);
  await expect(journal.record(ACTION, () => Promise.reject('a text'))).rejects.toBe('a text');
  expect(entries().map(({ phase, reason }) => [phase, reason])).toEqual([
    ['asked', undefined],
    ['refused', 'The kernel answered EBUSY.'],
    ['asked', undefined],
    ['refused', 'a text'],
  ]);
});

test('an action that cannot be recorded is not done', async () => {
  journal.close();
  let done = false;
  await expect(
    journal.record(ACTION, async () => {
      done = true;
    }),
  ).rejects.toThrow('Nothing was done');
  expect(done).toBe(false);
});

test('overlapping actions keep their numbers', async () => {
  let end = () => {};
  const slow = journal.record(
    { ...ACTION, group: '/slow' },
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  await journal.record({ ...ACTION, group: '/quick' }, async () => {});
  end();
  await slow;
  expect(entries().map(({ number, phase }) => `${number} ${phase}`)).toEqual(['1 asked', '2 asked', '2 done', '1 done']);
});

test('at 8 MiB a new file is begun, and nothing is lost', async () => {
  const facts = { value: 'x'.repeat(1024 * 1024) };
  for (let i = 0; i < 9; i++) await journal.record({ ...ACTION, facts }, async () => {});
  const old = readFileSync(join(dir, 'journal.1.ndjson'), 'utf8').trim().split('\n');
  expect(old.length + entries().length).toBe(18);
  journal.close();
});
