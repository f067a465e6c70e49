// guards.json: the narrowest pattern applies, mistakes leave what applied, and both people and calls may write it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GuardPlan } from '../../contract/guards.ts';
import { GuardPlans } from './guard-plans.ts';

let folder: string;
let plans: GuardPlans;
const path = () => join(folder, 'guards.json');
const plan = (line: string) => GuardPlan.parse({ line });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-test-plans-'));
  plans = new GuardPlans(folder);
});
afterEach(() => rmSync(folder, { recursive: true }));

test('of several patterns the narrowest applies', () => {
  const guards = { '/**': { line: '99%' }, '/docker/**': { line: '90%' }, '/docker/w*': { line: '80%' }, '/docker/web': { line: '70%' } };
  writeFileSync(path(), JSON.stringify({ guards }));
  expect(plans.reload()).toBe(true);
  const found = ['/docker/web', '/docker/worker', '/docker/db', '/other/deep', '/docker'].map((group) => plans.match(group)?.plan.line);
  expect(found).toEqual(['70%', '80%', '90%', '99%', '90%']);
});

test.each([
  ['no JSON', '{"guards": '],
  ['no object', '[]'],
  ['a line of nonsense', '{"guards": {"/a": {"line": "lots"}}}'],
  ['a line of 3 %', '{"guards": {"/a": {"line": "3%"}}}'],
  ['no condition', '{"guards": {"/a": {"deadlineSeconds": 5}}}'],
  ['an unknown field', '{"guards": {"/a": {"line": "90%", "lime": 1}}}'],
  ['a pattern without a slash', '{"guards": {"a": {"line": "90%"}}}'],
])('%s: the guards from before apply, and the problem is named', (_, text) => {
  plans.set('/kept', plan('90%'));
  writeFileSync(path(), text);
  expect(plans.reload()).toBe(false);
  expect(plans.problem).toContain(path());
  expect(plans.match('/kept')?.plan.line).toBe('90%');
  expect(() => plans.set('/b', plan('80%'))).toThrow(/Correct or remove it/);
  rmSync(path());
  expect(plans.reload()).toBe(true);
  expect([plans.problem, plans.match('/kept')]).toEqual([undefined, undefined]);
});

test('more than 1,000 guards are refused, in the file and by calls', () => {
  const guards = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`/g${i}`, plan('90%')]));
  writeFileSync(path(), JSON.stringify({ guards }));
  expect(plans.reload()).toBe(true);
  expect(() => plans.set('/more', plan('90%'))).toThrow(/1000 guards/);
  plans.set('/g0', plan('80%'));
  expect(plans.match('/g0')?.plan.line).toBe('80%');
  writeFileSync(path(), JSON.stringify({ guards: { ...guards, '/more': plan('90%') } }));
  expect(plans.reload()).toBe(false);
  expect(plans.problem).toContain('more than 1000');
});

test('a call that names the plan it replaces changes no other', () => {
  const changed = (now: string) =>
    expect.objectContaining({ problem: expect.objectContaining({ code: 'changed', now: expect.stringContaining(now) }) });
  plans.set('/a', plan('90%'), null);
  plans.set('/a', plan('80%'), plan('90%'));
  expect(() => plans.set('/a', plan('70%'), plan('90%'))).toThrow(changed('80 %'));
  expect(() => plans.set('/a', plan('70%'), null)).toThrow(changed('80 %'));
  expect(() => plans.set('/a', undefined, plan('90%'))).toThrow(changed('80 %'));
  expect(() => plans.set('/b', plan('70%'), plan('90%'))).toThrow(changed('No guard'));
  // The same was set by another; and a person with an editor counts as well.
  plans.set('/a', plan('80%'), plan('60%'));
  writeFileSync(path(), '{"guards": {"/a": {"line": "50%"}}}');
  expect(() => plans.set('/a', plan('70%'), plan('80%'))).toThrow(changed('50 %'));
  plans.set('/a', undefined, plan('50%'));
  expect(plans.guards).toEqual({});
});

test('a call writes one guard and keeps what a person wrote', () => {
  writeFileSync(path(), '{"guards": {"/a": {"line": "90%"}}}');
  plans.set('/b', plan('64M'));
  expect(Object.keys(JSON.parse(readFileSync(path(), 'utf8')).guards)).toEqual(['/a', '/b']);
  plans.set('/a', undefined);
  expect(Object.keys(new Fresh().guards)).toEqual(['/b']);
  expect(() => plans.set('/a', undefined)).toThrow(/no guard for \/a/);
});

class Fresh extends GuardPlans {
  constructor() {
    super(folder);
    this.reload();
  }
}
