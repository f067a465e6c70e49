// An agent whose state disk is full: safer actions are done, all others refused, and the page reports it.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

let dir: string;
let agent: RunningAgent;
const full = () => join(dir, 'full');

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=700', 'tmpfs', dir]);
  agent = await RunningAgent.start('full', { stateDir: dir });
});

afterEach(async () => {
  execFileSync('mount', ['-o', 'remount,rw', dir]);
  rmSync(full(), { force: true });
  try {
    await agent.clean();
  } finally {
    // A launch may use the disk for a moment longer.
    execFileSync('umount', ['-l', dir]);
    rmdirSync(dir);
  }
});

function fill(): void {
  try {
    writeFileSync(full(), Buffer.alloc(4 * 1024 * 1024));
  } catch {
    // The disk is full.
  }
}

const missing = async () => (await agent.call('host', {})).missing.join('\n');

/** The journal's lines in order, as number, phase and action. */
function journal(): string[] {
  return readFileSync(join(dir, 'journal.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .map(({ phase, action }) => `${phase}${action === undefined ? '' : ` ${action}`}`);
}

test('freeze, thaw, signal, kill, stop and remove are done with a full disk, and recorded once there is space; all others are refused', async () => {
  const [made, ended, stopped] = ['made', 'ended', 'stopped'].map((name) => `${agent.root}/${name}`) as [string, string, string];
  await agent.call('createGroup', { path: made });
  agent.process(made, 'exec sleep 1000');
  await agent.until(() => agent.reading(made, 'cgroup.procs') === 1);
  const argv = ['/bin/sleep', '1000'];
  const { pid } = await agent.call('launch', { name: 'ended', argv });
  await agent.call('launch', { name: 'stopped', argv });
  const before = journal().length;
  fill();

  // The journal's last page has space for some lines.
  do {
    expect(await agent.call('freeze', { group: made })).toMatchObject({ state: 'frozen' });
    expect(await agent.call('thaw', { group: made })).toMatchObject({ state: 'thawed' });
  } while (!/journal of actions cannot be written \(ENOSPC/.test(await missing()));
  expect((await agent.refused('createGroup', { path: `${made}/below` })).code).toBe('busy');
  expect((await agent.refused('writeFile', { path: made, file: 'pids.max', value: 10 })).detail).toContain('Nothing was done');
  await agent.call('kill', { pid, signal: 'SIGKILL' });
  await agent.event('exit', ended, (event) => event.pid === pid);
  expect((await agent.call('stop', { group: stopped })).how).toBe('ended');
  expect((await agent.call('kill', { group: made })).killed).toHaveLength(1);
  for (const path of [made, ended, stopped]) {
    await agent.call('removeGroup', { path, kill: true });
    await agent.event('remove', path);
  }

  rmSync(full());
  await agent.call('createGroup', { path: made });
  await vi.waitFor(async () => expect(await missing()).not.toContain('ENOSPC'), 60_000);
  const written = journal().slice(before);
  const asked = written.filter((line) => line !== 'done' && !/freeze|thaw/.test(line));
  expect(asked).toEqual(['signal', 'stop', 'kill', 'remove', 'remove', 'remove', 'create'].map((action) => `asked ${action}`));
  expect(written.filter((line) => line === 'done')).toHaveLength(written.length / 2);
});

test.each([
  // A disk with files that are open for writing does not become read-only.
  ['read-only', () => execFileSync('mount', ['-o', 'remount,ro', dir]), 'EROFS', ['ended']],
  ['full', fill, 'ENOSPC', ['ended', 'kept']],
] as const)(
  'an agent that starts on a %s disk reports the end of a program meanwhile, and has the others',
  async (_, spoil, errno, names) => {
    const launched = await Promise.all(names.map((name) => agent.call('launch', { name, argv: ['/bin/sleep', '1000'] })));
    const recorded = () =>
      readdirSync(join(dir, 'launches'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('/exit'));
    await agent.end();
    const [ended, ...kept] = launched;
    process.kill(ended?.pid ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(recorded()).toHaveLength(1), 60_000);
    if (ended) await vi.waitFor(() => expect(agent.kernel.members(ended.group).flat()).toEqual([]), 60_000);
    spoil();
    await agent.begin();
    const { group = '', pid } = ended ?? {};
    expect(await agent.event('exit', group)).toMatchObject({ pid, signal: 'SIGKILL', late: true });
    expect((await agent.call('group', { path: group })).launched).toMatchObject({ pid, exit: { signal: 'SIGKILL' } });
    await vi.waitFor(async () => expect(await missing()).toContain(errno), 60_000);
    for (const one of kept) {
      const view = (await agent.call('group', { path: one.group })).launched;
      expect(view).toMatchObject({ pid: one.pid });
      expect(view?.exit).toBeUndefined();
      await agent.call('kill', { pid: one.pid, signal: 'SIGKILL' });
      expect(await agent.event('exit', one.group)).toMatchObject({ pid: one.pid });
    }
    expect(agent.all('exit', group)).toHaveLength(1);
  },
);
