// Templates on disk: saved, read, edited by hand, and damaged.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LaunchRequest } from '../../contract/launch.ts';
import { StateFaults } from '../state/state-faults.ts';
import { Templates } from './templates.ts';

let dir: string;
let templates: Templates;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-templates-'));
  templates = new Templates(dir, new StateFaults());
  expect(templates.list()).toEqual([]);
});
afterEach(() => rmSync(dir, { recursive: true }));

const request = LaunchRequest.parse({
  name: 'web',
  argv: ['/bin/sh', '-c', 'a\nb'],
  env: { KEY: 's' },
  tty: true,
  limits: { 'pids.max': 9 },
});
const path = (name: string) => join(dir, 'templates', `${name}.json`);

test('reads a template back; its file is indented and readable by root only', () => {
  templates.save({ name: 'web-1.2', request });
  expect(templates.read('web-1.2')).toEqual({ name: 'web-1.2', request, savedAt: templates.list()[0]?.savedAt });
  expect(readFileSync(path('web-1.2'), 'utf8')).toMatch(/^{\n {2}"name": "web",\n[\s\S]*}\n$/);
  expect(statSync(path('web-1.2')).mode & 0o777).toBe(0o600);
  templates.save({ name: 'web-1.2', request: { ...request, tty: false } });
  expect(templates.list().map(({ name }) => name)).toEqual(['web-1.2']);
  expect(templates.read('web-1.2').request.tty).toBe(false);
});

test('reads a file made by hand with only the required fields', () => {
  writeFileSync(path('hand'), '{"name": "x", "argv": ["/bin/true"]}');
  expect(templates.read('hand').request).toEqual(LaunchRequest.parse({ name: 'x', argv: ['/bin/true'] }));
  writeFileSync(join(dir, 'templates', 'README'), 'not one');
  writeFileSync(join(dir, 'templates', '.hidden.json'), '{}');
  expect(templates.list().map(({ name }) => name)).toEqual(['hand']);
});

test.each([
  ['no JSON', '{', /not valid JSON/],
  ['no request', '{"name":"x"}', /argv/],
  ['a key that there is none of', '{"name":"x","argv":["a"],"shell":true}', /shell/],
])('%s is refused with what is wrong', (_, text, sentence) => {
  writeFileSync(path('bad'), text);
  expect(() => templates.read('bad')).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code: 'invalid' }) }));
  expect(() => templates.read('bad')).toThrow(sentence);
});

test('a template that was saved or removed meanwhile is not replaced', () => {
  const changed = expect.objectContaining({ problem: expect.objectContaining({ code: 'changed' }) });
  const first = templates.save({ name: 'web', request }, 0);
  const second = templates.save({ name: 'web', request: { ...request, tty: false } }, first.savedAt);
  expect(second.savedAt).toBeGreaterThan(first.savedAt);
  expect(templates.read('web')).toEqual(second);
  for (const replaces of [0, first.savedAt]) {
    expect(() => templates.save({ name: 'web', request }, replaces)).toThrow(changed);
    expect(() => templates.remove('web', replaces)).toThrow(changed);
  }
  expect(templates.read('web')).toEqual(second);
  templates.remove('web', second.savedAt);
  expect(() => templates.save({ name: 'web', request }, second.savedAt)).toThrow(changed);
  expect(templates.list()).toEqual([]);
});

test('refuses to read or remove a missing template', () => {
  templates.save({ name: 'web', request });
  templates.remove('web');
  for (const act of [() => templates.read('web'), () => templates.remove('web')])
    expect(act).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code: 'not_found' }) }));
});
