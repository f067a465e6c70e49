// A launch's name keeps its user ids, so that its files in a bound folder stay readable; other names cannot read them, and learn whose they are.
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

let share: string;
let agent: RunningAgent;
beforeAll(async () => {
  share = mkdtempSync('/srv/cgdeck-test-ids-');
  chmodSync(share, 0o755);
  agent = await RunningAgent.start('ids', { share: [share] });
});
afterAll(async () => {
  await agent.clean();
  rmSync(share, { recursive: true, force: true });
});

const folder = (name: string) => {
  const path = `${share}/${name}`;
  mkdirSync(path);
  chmodSync(path, 0o777);
  return path;
};
const launch = (name: string, path: string, script: string) =>
  agent.run({ name, argv: ['/bin/sh', '-c', script], binds: [{ source: path, target: '/tmp/data', writable: true }] });

test('a private file is found again by its name, after other launches and a restart of cgdeck, and by no other name', async () => {
  const path = folder('data');
  const write = await launch('owner', path, 'umask 077; echo mine > /tmp/data/file && echo done');
  expect(write).toMatchObject({ code: 0, text: 'done\n' });
  for (const name of ['one', 'two']) expect((await launch(name, path, 'cat /tmp/data/file')).code).not.toBe(0);
  expect(await launch('owner', path, 'cat /tmp/data/file')).toMatchObject({ code: 0, text: 'mine\n' });
  await agent.call('removeGroup', { path: `${agent.root}/owner`, kill: true });
  await agent.end();
  await agent.begin();
  expect(await launch('owner', path, 'cat /tmp/data/file')).toMatchObject({ code: 0, text: 'mine\n' });
});

test('a folder that belongs to another launch’s ids, and is closed, is refused with its name', async () => {
  const path = folder('closed');
  await launch('first', path, 'mkdir /tmp/data/own; chmod 700 /tmp/data/own');
  const own = `${path}/own`;
  const bind = { name: 'second', argv: ['/bin/true'], binds: [{ source: own, target: '/tmp/data', writable: true }] };
  expect(await agent.refused('launch', bind)).toMatchObject({
    code: 'conflict',
    asked: 'binds',
    file: own,
    detail: expect.stringContaining(`${agent.root}/first`),
  });
  // A range of which this agent has heard nothing: it has given three.
  const unknown =
    [1, 2, 3, 4].map((n) => 1_879_048_192 + n * 65_536).find((id) => Math.abs(id - statSync(own).uid) > 10 * 65_536) ?? 2_147_418_112;
  chownSync(own, unknown, 0);
  expect(await agent.refused('launch', bind)).toMatchObject({ detail: expect.stringContaining('a launch that is not known any more') });
  chmodSync(own, 0o777);
  expect(await launch('second', own, 'touch /tmp/data/x')).toMatchObject({ code: 0 });
});

test.each([
  ['a name that is too long', () => `${share}/${'x'.repeat(300)}`, 'ENAMETOOLONG'],
  ['links that lead in a circle', () => `${share}/circle`, 'ELOOP'],
  ['a file where a folder is needed', () => `${share}/file/below`, 'ENOTDIR'],
])('a bind that cannot be followed is refused as a bind, with its path: %s', async (_, at, errno) => {
  if (errno === 'ELOOP') symlinkSync(`${share}/circle`, `${share}/circle`);
  if (errno === 'ENOTDIR') writeFileSync(`${share}/file`, '');
  const refused = await agent.refused('launch', {
    name: `to-${errno}`,
    argv: ['/bin/true'],
    binds: [{ source: at(), target: '/tmp/data' }],
  });
  expect(refused).toMatchObject({ asked: 'binds', file: at(), errno, detail: expect.stringContaining(at()) });
  expect(refused.detail).not.toContain('state folder');
});
