// Acts with keys: done once, also when they come twice at once, and after a restart of the agent.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProblemError } from '../../contract/problems.ts';
import { ActionJournal } from '../state/action-journal.ts';
import { type Act, DoneCalls } from './done-calls.ts';

const act: Act = { key: 'key-of-one', call: 'freeze', params: { group: '/a' }, by: 'test' };
let folder: string;
let journals: ActionJournal[];

/** As a new agent begins. */
function begin(): DoneCalls {
  const journal = new ActionJournal(folder);
  journals.push(journal);
  return new DoneCalls(journal);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-done-'));
  journals = [];
});
afterEach(() => {
  for (const journal of journals) journal.close();
  rmSync(folder, { recursive: true });
});

test('what is repeated meanwhile and afterwards is done once and answers the same', async () => {
  const done = begin();
  const go = Promise.withResolvers<string>();
  const work = vi.fn(() => go.promise);
  const both = [done.once(act, work), done.once(act, work)];
  expect(done.outcome(act.key)).toEqual({ state: 'running' });
  go.resolve('frozen');
  expect(await Promise.all([...both, done.once(act, work)])).toEqual(['frozen', 'frozen', 'frozen']);
  expect(work).toHaveBeenCalledTimes(1);
  expect(done.outcome(act.key)).toEqual({ state: 'done', answer: 'frozen' });
});

test('a refusal is repeated too; the next try needs a key of its own', async () => {
  const done = begin();
  const work = vi.fn(async () => {
    throw new ProblemError('busy', 'Not now.');
  });
  for (const _ of [1, 2]) await expect(done.once(act, work)).rejects.toThrow('Not now.');
  expect(work).toHaveBeenCalledTimes(1);
  await expect(done.once({ ...act, key: 'another-key' }, async () => 'frozen')).resolves.toBe('frozen');
});

test.each<[string, Partial<Act>]>([
  ['call', { call: 'thaw' }],
  ['group', { params: { group: '/b' } }],
  ['user', { by: 'another' }],
])('a key with another %s is refused, also while the first is under way', async (_, other) => {
  const done = begin();
  const go = Promise.withResolvers<string>();
  const first = done.once(act, () => go.promise);
  const work = vi.fn(async () => 'thawed');
  await expect(done.once({ ...act, ...other }, work)).rejects.toMatchObject({ problem: { code: 'other_call', status: 422 } });
  go.resolve('frozen');
  await first;
  await expect(done.once({ ...act, ...other }, work)).rejects.toMatchObject({ problem: { code: 'other_call' } });
  expect(work).not.toHaveBeenCalled();
});

test('an agent that is started again knows what was answered, what was refused, and what was cut off', async () => {
  const first = begin();
  await first.once(act, async () => ({ state: 'frozen', tookMs: 1 }));
  await first.once({ ...act, key: 'refused-one' }, () => Promise.reject(new ProblemError('busy', 'Not now.'))).catch(() => {});
  void first.once({ ...act, key: 'cut-off-one' }, () => new Promise(() => {}));
  const second = begin();
  const work = vi.fn(async () => 'again');
  await expect(second.once(act, work)).resolves.toEqual({ state: 'frozen', tookMs: 1 });
  await expect(second.once({ ...act, key: 'refused-one' }, work)).rejects.toThrow('Not now.');
  await expect(second.once({ ...act, key: 'cut-off-one' }, work)).rejects.toMatchObject({
    problem: { code: 'unknown_outcome', status: 409 },
  });
  expect(second.outcome('cut-off-one')).toEqual({ state: 'unknown' });
  await expect(second.once({ ...act, params: { group: '/b' } }, work)).rejects.toMatchObject({ problem: { code: 'other_call' } });
  expect(work).not.toHaveBeenCalled();
});

test('an act that arrives after somebody was answered that it was not done is refused', async () => {
  const done = begin();
  expect(done.outcome(act.key)).toEqual({ state: 'none' });
  const work = vi.fn(async () => 'late');
  await expect(done.once(act, work)).rejects.toMatchObject({ problem: { code: 'conflict' } });
  expect(work).not.toHaveBeenCalled();
});

test('the last thousand are known, and none that is under way is forgotten', async () => {
  const done = begin();
  const go = Promise.withResolvers<string>();
  const slow = done.once({ ...act, key: 'slow-one' }, () => go.promise);
  for (let i = 0; i < 1100; i++) await done.once({ ...act, key: `key-${i}-of-many` }, async () => 'done');
  expect(done.outcome('key-5-of-many')).toEqual({ state: 'none' });
  expect(done.outcome('key-1099-of-many')).toEqual({ state: 'done', answer: 'done' });
  expect(done.outcome('slow-one')).toEqual({ state: 'running' });
  go.resolve('done');
  await slow;
});

test('a read takes no place of an act', async () => {
  const done = begin();
  await done.once(act, async () => 'frozen');
  for (let i = 0; i < 3000; i++) expect(done.outcome(`never-came-${i}`)).toEqual({ state: 'none' });
  expect(done.outcome(act.key)).toEqual({ state: 'done', answer: 'frozen' });
  await expect(done.once({ ...act, key: 'never-came-2999' }, async () => 'late')).rejects.toMatchObject({ problem: { code: 'conflict' } });
});

test.each([
  ['of a template', { name: 't', request: { argv: ['x'], env: { PASSWORD: 'secret-in-env' } } }],
  ['deep in a list', { all: [{ env: { PASSWORD: 'secret-in-env' } }] }],
])('an answer with an environment is not journalled: %s', async (_, answer) => {
  const keyed: Act = { ...act, call: 'saveTemplate' };
  const first = begin();
  await expect(first.once(keyed, async () => answer)).resolves.toBe(answer);
  await expect(first.once(keyed, async () => 'again')).resolves.toBe(answer);
  expect(readFileSync(join(folder, 'journal.ndjson'), 'utf8')).not.toContain('secret-in-env');
  const second = begin();
  expect(second.outcome(act.key)).toEqual({ state: 'done' });
  await expect(second.once(keyed, async () => 'again')).rejects.toMatchObject({
    problem: { code: 'unknown_outcome', detail: expect.stringContaining('It was done.') },
  });
});
