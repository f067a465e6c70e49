// What is kept of sessions that were logged out.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../link/fixtures/stand-in-agent.ts';
import { EndedSessions } from './ended-sessions.ts';

const SOON = Date.now() + 3_600_000;

test('they are there after a restart, until they are over by themselves', () => {
  const { path, remove } = temporaryFolder();
  const first = new EndedSessions(path);
  first.add({ id: 'over', expiresMs: 1 });
  first.add({ id: 'a', expiresMs: SOON });
  first.add({ id: 'b', expiresMs: SOON });
  expect(new EndedSessions(path).all.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(readFileSync(join(path, 'ended-sessions.json'), 'utf8')).not.toContain('over');
  remove();
});

test.each(['', '{{{', '{"a":1}', '[{"id":1}]'])('a file with %j in it counts as empty, and is written again', (text) => {
  const { path, remove } = temporaryFolder();
  writeFileSync(join(path, 'ended-sessions.json'), text);
  const sessions = new EndedSessions(path);
  expect(sessions.all).toEqual([]);
  sessions.add({ id: 'a', expiresMs: SOON });
  expect(new EndedSessions(path).all).toHaveLength(1);
  remove();
});

test('where it cannot be written it applies to this run, which is reported', () => {
  const { path, remove } = temporaryFolder();
  mkdirSync(join(path, 'ended-sessions.json.new'));
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const sessions = new EndedSessions(path);
  sessions.add({ id: 'a', expiresMs: SOON });
  expect(sessions.all).toHaveLength(1);
  expect(printed).toHaveBeenCalledWith(expect.stringContaining('for this run only'));
  printed.mockRestore();
  remove();
});
