// The supervisor as a process of its own, with stand-ins for its children: starting, restarting, refusing and ending.
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scratch } from './fixtures/started.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = new Scratch();
});
afterEach(() => scratch.remove());

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('starts the agent, then the web process, and prints the link with the token that the web process has', async () => {
  const run = scratch.start({ CGDECK_TOKEN: 'op-secret', CGDECK_VIEWER_TOKEN: 'view-secret' });
  const link = await run.ready();
  const [agent, web] = [await run.saying('agent', 'started'), await run.saying('web', 'started')];
  expect(run.said()[0]).toEqual(agent);
  expect(link).toBe(`http://127.0.0.1:7999/login#${web.message?.loginToken}`);
  expect(run.lines.at(-2)).toBe('cgdeck is ready.');
  expect(run.lines.filter((line) => line.startsWith('Missing: '))).toEqual(['Missing: Nothing can be launched.']);
  expect(agent.message?.linkKey).toMatch(/^[0-9a-f]{64}$/);
  expect(web.message?.linkKey).toBe(agent.message?.linkKey);
  expect(web.message?.uid).toBe(agent.message?.webUid);
  expect(agent.message?.protectedPids).toContain(run.process.pid);
  expect((await run.saying('agent', 'received')).message).toEqual({ type: 'web-pid', pid: web.pid });
  expect(web.message).toMatchObject({ operatorToken: 'op-secret', viewerToken: 'view-secret' });
  for (const child of [agent, web]) expect(child?.variables).not.toEqual(expect.arrayContaining([expect.stringContaining('TOKEN')]));
});

test('keeps the state to root, and lets the web process reach the socket', async () => {
  await scratch.start().ready();
  expect(modeOf(scratch.stateDir)).toBe('700');
  expect(modeOf(scratch.runDir)).toBe('711');
  expect(modeOf(join(scratch.stateDir, 'session.key'))).toBe('600');
});

test('an agent that is killed is restarted, knows the web process, and the web process is not disturbed', async () => {
  const run = scratch.start();
  await run.ready();
  const [agent, web] = [await run.saying('agent', 'started'), await run.saying('web', 'started')];
  process.kill(agent.pid, 'SIGKILL');
  const next = await run.saying('agent', 'started', 2);
  expect(next.pid).not.toBe(agent.pid);
  expect(next.message?.protectedPids).toEqual([run.process.pid, web.pid]);
  expect(next.message?.linkKey).toBe(agent.message?.linkKey);
  expect(run.said().filter((said) => said.child === 'web')).toEqual([web]);
  expect(run.errors.join()).toContain('The agent process ended (SIGKILL)');
});

test('a web process that is killed is restarted with the same keys, on the same port, and the agent gets its pid', async () => {
  const run = scratch.start({ CGDECK_LISTEN: '127.0.0.1:0' });
  await run.ready();
  const web = await run.saying('web', 'started');
  process.kill(web.pid, 'SIGKILL');
  const next = await run.saying('web', 'started', 2);
  expect(next.message).toEqual({
    ...web.message,
    settings: { ...(web.message?.settings as object), listen: { host: '127.0.0.1', port: 7999 } },
  });
  expect((await run.saying('agent', 'received', 2)).message).toEqual({ type: 'web-pid', pid: next.pid });
  expect(run.lines.filter((line) => line === 'cgdeck is ready.')).toHaveLength(1);
});

test.each(['agent', 'web'] as const)('a stopped %s process that answers no ping is ended and restarted', async (name) => {
  const run = scratch.start({ STANDIN_PING_MS: '200' });
  await run.ready();
  const { pid } = await run.saying(name, 'started');
  process.kill(pid, 'SIGSTOP');
  expect((await run.saying(name, 'started', 2)).pid).not.toBe(pid);
  expect(run.errors).toEqual(
    expect.arrayContaining([
      `The ${name} process hangs: it has not answered 15 pings and is killed.`,
      `The ${name} process ended (SIGKILL) and is restarted.`,
    ]),
  );
  expect(await run.end('SIGTERM')).toBe(0);
});

test('a login that was used is replaced: the new token goes to the web process and the new link to the terminal', async () => {
  const run = scratch.start();
  const link = await run.ready();
  process.kill((await run.saying('web', 'started')).pid, 'SIGUSR2');
  const received = await run.saying('web', 'received');
  expect(received.message?.type).toBe('login-token');
  const next = await run.until(() => run.lines.find((line) => line.endsWith(`/login#${received.message?.token}`)));
  expect(next).not.toContain(link);
});

test('a session that was logged out is passed to each web process that follows, also after a restart of everything', async () => {
  const first = scratch.start();
  await first.ready();
  const web = await first.saying('web', 'started');
  expect(web.message?.endedSessions).toEqual([]);
  process.kill(web.pid, 'SIGUSR2');
  await first.saying('web', 'received');
  process.kill(web.pid, 'SIGKILL');
  const ended = [{ id: 'logged out', expiresMs: Number.MAX_SAFE_INTEGER }];
  expect((await first.saying('web', 'started', 2)).message?.endedSessions).toEqual(ended);
  expect(modeOf(join(scratch.stateDir, 'ended-sessions.json'))).toBe('600');
  await first.end('SIGTERM');
  const second = scratch.start();
  await second.ready();
  expect((await second.saying('web', 'started')).message?.endedSessions).toEqual(ended);
});

test('destinations of notices are stored for root alone, and passed to each web process that follows', async () => {
  const run = scratch.start();
  await run.ready();
  const web = await run.saying('web', 'started');
  expect(web.message).not.toHaveProperty('notices');
  process.kill(web.pid, 'SIGUSR2');
  expect((await run.saying('web', 'received', 2)).message).toEqual({ type: 'notices-stored' });
  expect(modeOf(join(scratch.stateDir, 'notices.json'))).toBe('600');
  process.kill(web.pid, 'SIGKILL');
  expect((await run.saying('web', 'started', 2)).message).toMatchObject({ notices: 'destinations and secrets', noticesSeen: 7 });
  expect(JSON.stringify((await run.saying('agent', 'started')).message)).not.toContain('secrets');
});

test('a child that cannot start at all ends the run with its sentence', async () => {
  const run = scratch.start({ STANDIN_WEB: 'failed' });
  expect(await run.end()).toBe(1);
  expect(run.errors).toEqual(['Port 7420 is in use.']);
  expect(await run.saying('agent', 'terminated')).toBeDefined();
  expect(existsSync(scratch.runDir)).toBe(false);
});

test('a child that keeps dying before it is ready ends the run and is named', async () => {
  const run = scratch.start({ STANDIN_AGENT: 'crash' });
  expect(await run.end()).toBe(1);
  expect(run.errors.at(-1)).toMatch(/^The agent process ended 5 times before it was ready .*exit code 3/);
  // The web process was loaded, and never asked to open its port.
  expect(
    run
      .said()
      .filter(({ what }) => what === 'started')
      .every(({ child }) => child === 'agent'),
  ).toBe(true);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s ends the web process, then the agent, and leaves only the state',
  async (signal) => {
    const run = scratch.start();
    await run.ready();
    expect(await run.end(signal)).toBe(0);
    expect(
      run
        .said()
        .filter((said) => said.what === 'terminated')
        .map((said) => said.child),
    ).toEqual(['web', 'agent']);
    expect(existsSync(scratch.runDir)).toBe(false);
    expect(existsSync(join(scratch.stateDir, 'supervisor.pid'))).toBe(false);
    expect(run.errors).toEqual([]);
  },
);

test('a child that does not end is killed at the second signal', async () => {
  const run = scratch.start({ STANDIN_WEB: 'stubborn' });
  await run.ready();
  run.process.kill('SIGTERM');
  await run.saying('web', 'terminated');
  const again = setInterval(() => run.process.kill('SIGINT'), 50);
  expect(await run.end()).toBe(0);
  clearInterval(again);
});

test('what a killed supervisor leaves is taken over, its children having ended by themselves; the session key stays', async () => {
  const first = scratch.start();
  await first.ready();
  expect(await first.end('SIGKILL')).toBe('SIGKILL');
  expect(first.said().filter((said) => said.what === 'disconnected')).toHaveLength(2);
  expect(readFileSync(join(scratch.runDir, 'supervisor.pid'), 'utf8')).toBe(`${first.process.pid}\n`);
  const second = scratch.start();
  await second.ready();
  expect((await second.saying('web', 'started')).message?.sessionKey).toBe((await first.saying('web', 'started')).message?.sessionKey);
});

test.each([
  ['run directory', 'CGDECK_STATE_DIR'],
  ['state directory', 'CGDECK_RUN_DIR'],
])('refuses a %s that another supervisor uses, which keeps running', async (what, otherFolder) => {
  const first = scratch.start();
  await first.ready();
  const second = scratch.start({ [otherFolder]: join(scratch.path, 'other') });
  expect(await second.end()).toBe(1);
  expect(second.errors).toEqual([expect.stringContaining(`already running with the ${what}`)]);
  expect(second.errors[0]).toContain(`(process ${first.process.pid})`);
  expect(await first.end('SIGTERM')).toBe(0);
});

test.each([
  ['an unknown flag', {}, ['--colour', 'red'], undefined, /--colour/],
  ['an open address without TLS', { CGDECK_LISTEN: '0.0.0.0:7420' }, [], undefined, /unencrypted/],
  ['a user to whom nothing was delegated', {}, [], 65_534, /needs root, or a control group that is delegated/],
  ['a run directory that is a file', { CGDECK_RUN_DIR: import.meta.filename }, [], undefined, /cannot be created \(ENOTDIR\)/],
  ['a state directory that is a file', { CGDECK_STATE_DIR: import.meta.filename }, [], undefined, /cannot be created \(ENOTDIR\)/],
  ['a state directory in /proc', { CGDECK_STATE_DIR: '/proc/cgdeck' }, [], undefined, /cannot be created \(ENOENT\)/],
  ['an empty run directory', {}, ['--run-dir', ''], undefined, /--run-dir wants a folder/],
] as const)('%s: one sentence, exit code 1', async (_name, env, args, uid, sentence) => {
  const run = scratch.start(env, args, uid);
  expect(await run.end()).toBe(1);
  expect(run.errors).toEqual([expect.stringMatching(sentence)]);
  expect(run.lines).toEqual([]);
});

test('root of a user namespace without the web process’s user: one sentence, exit code 1', async () => {
  const run = scratch.start({}, [], undefined, ['unshare', '--user', '--map-root-user']);
  expect(await run.end()).toBe(1);
  expect(run.errors).toEqual([expect.stringMatching(/root of a user namespace without the user \w+ \(uid \d+, gid \d+\)/)]);
  expect(run.lines).toEqual([]);
});

test('a state directory that cannot be written to: one sentence, exit code 1', async () => {
  mkdirSync(join(scratch.stateDir, 'launches'), { recursive: true });
  chmodSync(scratch.stateDir, 0o700);
  const readOnly = `mount --bind '${scratch.stateDir}' '${scratch.stateDir}'; mount -o remount,bind,ro '${scratch.stateDir}'; exec "$@"`;
  const run = scratch.start({}, [], undefined, ['unshare', '--mount', 'sh', '-ec', readOnly, 'sh']);
  expect(await run.end()).toBe(1);
  expect(run.errors).toEqual([expect.stringMatching(/EROFS.*supervisor\.pid/)]);
});

test('a key that cannot be read: one sentence, exit code 1', async () => {
  mkdirSync(join(scratch.stateDir, 'session.key'), { recursive: true });
  chmodSync(scratch.stateDir, 0o700);
  const run = scratch.start();
  expect([await run.end(), run.errors]).toEqual([1, [expect.stringMatching(/^cgdeck cannot start: .*EISDIR/)]]);
});

test('refuses folders that another user could tamper with or that the web process cannot reach', async () => {
  const open = join(scratch.path, 'open');
  mkdirSync(open);
  mkdirSync(join(open, 'kept'));
  chmodSync(open, 0o777);
  const tampered = scratch.start({ CGDECK_RUN_DIR: open });
  expect([await tampered.end(), tampered.errors]).toEqual([1, [expect.stringContaining('can be written to by other users')]]);

  const closed = join(scratch.path, 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const unreachable = scratch.start({ CGDECK_RUN_DIR: join(closed, 'run') });
  expect([await unreachable.end(), unreachable.errors]).toEqual([1, [expect.stringContaining(`it may not enter ${closed}`)]]);
});
