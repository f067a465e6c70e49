// Drafts of the launch form: kept without secrets, bounded, and read by another version as far as it understands them.
import { expect, test } from 'vitest';
import { LaunchRequest } from '../../server/contract/launch.ts';
import { newPlan } from '../guard/plan-form.ts';
import { type DraftStorage, forgetDraft, forgetDrafts, readDraft, saveDraft } from './draft.ts';
import type { LaunchForm } from './launch-form.ts';
import { formOfRequest } from './requests.ts';

class Tab implements DraftStorage {
  readonly items = new Map<string, string>();
  get length(): number {
    return this.items.size;
  }
  key = (at: number) => [...this.items.keys()][at] ?? null;
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
}

const on = { memory: 1, cpu: 1, io: 1, cpuset: 1, pids: 1 } as unknown as LaunchForm['on'];
const start: LaunchForm = { ...formOfRequest(LaunchRequest.parse({ name: 'leak', argv: ['sleep', '1'] }), on), guard: newPlan };
const usable = () => undefined;

test('what was typed comes back; values of variables are not stored, and named', () => {
  const tab = new Tab();
  const form: LaunchForm = {
    ...start,
    ...{ name: 'web', command: 'run me', hard: 4096, guard: undefined },
    env: [
      { name: 'TOKEN', value: 'hunter2' },
      { name: 'EMPTY', value: '' },
    ],
  };
  expect(saveDraft('new', form, { preset: 'leak' }, 5, tab)).toBe(true);
  expect([...tab.items.values()].join()).not.toContain('hunter2');
  const draft = readDraft('new', start, usable, tab);
  expect(draft).toMatchObject({ savedMs: 5, source: { preset: 'leak' }, withoutValues: ['TOKEN'] });
  expect(draft?.form).toEqual({
    ...form,
    env: [
      { name: 'TOKEN', value: '' },
      { name: 'EMPTY', value: '' },
    ],
  });
  expect(readDraft('another', start, usable, tab)).toBeUndefined();
  forgetDraft('new', tab);
  expect(readDraft('new', start, usable, tab)).toBeUndefined();
});

test('the latest five, none that is too long, and none after a logout', () => {
  const tab = new Tab();
  for (let i = 1; i <= 7; i++) saveDraft(`d${i}`, start, undefined, i, tab);
  expect([...tab.items.keys()].map((key) => key.slice(-2))).toEqual(['d3', 'd4', 'd5', 'd6', 'd7']);
  expect(saveDraft('d7', { ...start, command: 'x'.repeat(70_000) }, undefined, 8, tab)).toBe(false);
  expect(readDraft('d7', start, usable, tab)).toBeUndefined();
  tab.setItem('other', 'stays');
  forgetDrafts(tab);
  expect([...tab.items.keys()]).toEqual(['other']);
});

test.each([
  ['no JSON', '{{{'],
  ['no form', '{}'],
])('%s is no draft', (_, text) => {
  const tab = new Tab();
  tab.setItem('cgdeck-launch-draft:new', text);
  expect(readDraft('new', start, usable, tab)).toBeUndefined();
});

test('fields of another shape begin anew, and a form that cannot be understood is no draft', () => {
  const tab = new Tab();
  tab.setItem(
    'cgdeck-launch-draft:new',
    JSON.stringify({ form: { name: 'web', env: 'A=1', color: 'red', binds: {} }, savedMs: 1, withoutValues: [] }),
  );
  expect(readDraft('new', start, usable, tab)?.form).toEqual({ ...start, name: 'web' });
  const refuses = () => {
    throw new TypeError('no name');
  };
  expect(readDraft('new', start, refuses, tab)).toBeUndefined();
});
