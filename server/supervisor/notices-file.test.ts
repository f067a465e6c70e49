// The destinations of notices on disk.
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../link/fixtures/stand-in-agent.ts';
import { NoticesFile } from './notices-file.ts';

test('they are read as they were written, and only their owner may read them', () => {
  const { path, remove } = temporaryFolder();
  const file = new NoticesFile(path);
  expect(file.read()).toBeUndefined();
  expect(file.write('{"a":"secret"}')).toBeUndefined();
  expect(new NoticesFile(path).read()).toBe('{"a":"secret"}');
  expect(statSync(join(path, 'notices.json')).mode & 0o777).toBe(0o600);
  remove();
});

test.each([
  ['12\n', 12],
  ['', undefined],
  ['x\n', undefined],
  ['-1\n', undefined],
])('the last event reported, %j on disk, is %s', (text, seen) => {
  const { path, remove } = temporaryFolder();
  writeFileSync(join(path, 'notices-seen'), text);
  const file = new NoticesFile(path);
  expect(file.seen).toBe(seen);
  file.seen = 34;
  expect(new NoticesFile(path).seen).toBe(34);
  remove();
});

test('where they cannot be written the old ones stay, and the reason is given', () => {
  const { path, remove } = temporaryFolder();
  writeFileSync(join(path, 'notices.json'), 'old');
  mkdirSync(join(path, 'notices.json.new'));
  const file = new NoticesFile(path);
  expect(file.write('new')).toMatch(/cannot be written \(EISDIR\)/);
  expect(file.read()).toBe('old');
  remove();
});

test('a file that cannot be read is not as if there were none', () => {
  const { path, remove } = temporaryFolder();
  mkdirSync(join(path, 'notices.json'));
  expect(new NoticesFile(path).read()).toBe('');
  remove();
});
