// An operator is not root: whatever a launch writes to a shared folder, it cannot lead another launch out of it.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { buildDir } from '../../native/libc/library.ts';
import type { CallInput } from '../contract/calls.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

const SECRET = 'known to root alone';

let folder: string;
let share: string;
/** Stands for the host’s folders: owned by root, not shared, closed to other users. */
let host: string;
let agent: RunningAgent;
let number = 0;

const programs = ['/bin', '/lib', '/lib64', '/usr'].filter((path) => existsSync(path)).map((source) => ({ source }));
type Change = Partial<CallInput<'launch'>>;

const launch = (script: string, change: Change) =>
  agent.call('launch', {
    name: `l-${++number}`,
    argv: ['/bin/sh', '-c', script],
    ...change,
    binds: [...programs, ...(change.binds ?? [])],
  });

beforeAll(async () => {
  execFileSync('make', ['-s', '-C', join(buildDir, '..'), 'build/escape'], { stdio: ['ignore', 'ignore', 'inherit'] });
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-roots-'));
  chmodSync(folder, 0o755);
  share = join(folder, 'share');
  agent = await RunningAgent.start('roots', { share: [share] });
});
afterAll(async () => {
  await agent.clean();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  host = mkdtempSync(join(folder, 'host-'));
  mkdirSync(join(host, 'etc'));
  writeFileSync(join(host, 'etc/secret'), SECRET);
  mkdirSync(join(share, 'x/etc'), { recursive: true });
});
afterEach(() => rmSync(share, { recursive: true, force: true }));

/** What a launch writes to its writable root, and what it reads of the host. */
const MARK = ': > /was-here; cat /secret /mnt/secret';
const marked = () => readdirSync(join(host, 'etc')).filter((name) => name !== 'secret');

test('a restart does not follow a link that another launch has put into the path of its root', async () => {
  const { group } = await launch(`${MARK}; until [ -e /go ]; do sleep 0.05; done`, {
    rootfs: join(share, 'x/etc'),
    rootfsWritable: true,
    restart: { policy: 'always' },
  });
  await agent.until(() => existsSync(join(share, 'x/etc/was-here')));
  await launch(`mv /x /y && ln -s ${host} /x && : > /y/etc/go`, { rootfs: share, rootfsWritable: true });
  const problem = await vi.waitFor(
    async () => {
      expect(marked()).toEqual([]);
      const { launched } = await agent.call('group', { path: group });
      return launched?.restarts.problem ?? Promise.reject(new Error('not tried yet'));
    },
    { timeout: 60_000 },
  );
  expect(problem).toContain(join(share, 'x/etc'));
  expect(marked()).toEqual([]);
}, 90_000);

test('a launch does not follow a link that replaces its root or bind during the start', async () => {
  copyFileSync(join(buildDir, 'escape'), join(share, 'escape'));
  symlinkSync(host, join(share, 'x.other'));
  const root = { rootfs: share, rootfsWritable: true };
  const { group: swapping } = await agent.call('launch', { name: 'swap', argv: ['/escape', 'exchange', '/x'], ...root });
  const attempts: Change[] = [
    { rootfs: join(share, 'x/etc'), rootfsWritable: true },
    { binds: [{ source: join(share, 'x/etc'), target: '/mnt' }] },
  ];
  const outcomes: string[] = [];
  for (let i = 0; i < 40; i++) {
    const started = launch(MARK, attempts[i % attempts.length] ?? {});
    const said = started.then(async ({ group, pid }) => {
      await agent.event('exit', group, (event) => event.pid === pid);
      const { chunks } = await agent.call('output', { group });
      return chunks.map(({ text }) => text).join('');
    });
    outcomes.push(await said.catch((error: unknown) => String(error)));
  }
  await agent.call('stop', { group: swapping, graceMs: 0 });
  expect(marked()).toEqual([]);
  expect(outcomes.filter((said) => said.includes(SECRET))).toEqual([]);
  expect(outcomes.some((said) => said.includes('No such file'))).toBe(true);
}, 120_000);

test('a set-user-id program that a launch leaves there does not give root', async () => {
  copyFileSync(join(buildDir, 'escape'), join(share, 'escape'));
  const { group } = await launch('cp /escape /suid && chmod 4755 /suid', { rootfs: share, rootfsWritable: true });
  await agent.event('exit', group);
  expect(statSync(join(share, 'suid'))).toMatchObject({ uid: 0, mode: 0o104755 });
  const secret = join(host, 'etc/secret');
  const raise: Change & { argv: string[] } = {
    argv: [join(share, 'suid'), 'open-to-write', secret],
    seccomp: 'unconfined',
    noNewPrivileges: false,
  };
  for (const namespaces of [[], ['pid'], ['mnt']] as const) {
    const problem = await agent.refused('launch', { name: 'raise', ...raise, namespaces: [...namespaces] });
    expect(problem).toMatchObject({ code: 'invalid', detail: expect.stringContaining('noNewPrivileges') });
  }
  const kept: Change[] = [
    { namespaces: ['user'] },
    { namespaces: ['user', 'mnt'], binds: [{ source: folder }] },
    { namespaces: [], noNewPrivileges: true },
  ];
  for (const change of kept) {
    const tried = await agent.call('launch', { name: `raise-${++number}`, ...raise, ...change });
    expect(await agent.event('exit', tried.group)).toMatchObject({ code: 1 });
  }
});

test('a folder closed to other users can be bound by its own shared path only', async () => {
  mkdirSync(join(share, 'closed/inner'), { recursive: true });
  chmodSync(join(share, 'closed'), 0o700);
  symlinkSync(join(host, 'etc'), join(share, 'link'));
  symlinkSync(join(share, 'closed/inner'), join(folder, 'elsewhere'));
  const bind = (source: string) => ({ name: 'bound', argv: ['/bin/true'], binds: [{ source, target: '/mnt' }] });
  await agent.call('launch', bind(join(share, 'closed/inner')));
  for (const source of [join(share, 'link'), join(host, 'etc'), join(folder, 'elsewhere')]) {
    const problem = await agent.refused('launch', { ...bind(source), name: 'refused' });
    expect(problem).toMatchObject({ code: 'protected', asked: 'binds', errno: 'EACCES', file: source });
    expect(problem.detail).toContain('--share');
  }
});
