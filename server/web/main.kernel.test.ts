// The web process as the supervisor starts it: as root, until its port is bound.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { peerUid } from '../../native/libc/process.ts';
import { FromChild, type WebStart } from '../boot.ts';
import type { Event } from '../contract/events.ts';
import { LINK_KEY, StandInAgent, temporaryFolder } from '../link/fixtures/stand-in-agent.ts';
import { childrenBeside } from '../supervisor/commands.ts';
import { hookReceiver } from './notices/fixtures/receivers.ts';

const NOBODY = 65_534;
const OPERATOR = 'operator-token-for-tests';
/** From its sources, in a test machine that is busy, it starts in 20 s and more. */
const patience = { timeout: 100_000, interval: 50 };

let folder: ReturnType<typeof temporaryFolder>;
let child: ChildProcess;
let messages: FromChild[];
let output: string;

beforeEach(() => {
  expect(process.getuid?.(), 'these tests need root').toBe(0);
  folder = temporaryFolder();
  messages = [];
  output = '';
});

afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  folder.remove();
});

function startMessage(changed: Partial<WebStart> = {}, port = 0): WebStart {
  return {
    type: 'start',
    settings: {
      listen: { host: '127.0.0.1', port },
      stateDir: folder.path,
      runDir: folder.path,
      intervalMs: 1000,
      control: [],
      managedRoot: '/cgdeck-test-web',
      behindProxy: false,
      networkRange: '10.186.0.0/16',
      share: [],
    },
    linkKey: LINK_KEY,
    uid: NOBODY,
    gid: NOBODY,
    sessionKey: 'session key',
    endedSessions: [],
    loginToken: 'the first link',
    operatorToken: OPERATOR,
    ...changed,
  };
}

function start(message: WebStart): void {
  const { file, args } = childrenBeside(join(import.meta.dirname, '..', 'main.ts')).web;
  child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  child.stderr?.on('data', (text) => {
    output += String(text);
  });
  child.on('message', (message) => messages.push(FromChild.parse(message)));
  child.send(message);
}

async function ready(): Promise<string> {
  await vi.waitFor(() => expect(messages, output).toContainEqual(expect.objectContaining({ type: 'ready' })), patience);
  const port = messages.find((message) => message.type === 'ready')?.port;
  return `http://127.0.0.1:${port}`;
}

function statusesOf(pid: number | undefined): Map<string, string>[] {
  return readdirSync(`/proc/${pid}/task`).map((task) => {
    const lines = readFileSync(`/proc/${pid}/task/${task}/status`, 'utf8').split('\n');
    return new Map(lines.map((line) => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1).trim()]));
  });
}

test('once it is ready, no thread has anything of root left, and the port answers', async () => {
  const agent = new StandInAgent('one');
  const peers: number[] = [];
  agent.answer = async () => ({ groups: [] });
  agent.tick();
  await agent.serve(join(folder.path, 'agent.sock'), {
    webUid: NOBODY,
    peerUid: (fd) => {
      const uid = peerUid(fd);
      peers.push(uid);
      return uid;
    },
  });
  // mkdtemp's folder is its owner's alone.
  chmodSync(folder.path, 0o711);
  start(startMessage());
  const address = await ready();

  const threads = statusesOf(child.pid);
  expect(threads.length).toBeGreaterThan(1);
  for (const status of threads) {
    expect(status.get('Uid')?.split('\t')).toEqual(Array(4).fill(String(NOBODY)));
    expect(status.get('Gid')?.split('\t')).toEqual(Array(4).fill(String(NOBODY)));
    expect(status.get('Groups')).toBe('');
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) expect(status.get(set)).toBe('0000000000000000');
    expect(status.get('NoNewPrivs')).toBe('1');
  }

  await vi.waitFor(async () => expect((await fetch(`${address}/healthz`)).status).toBe(200), patience);
  expect(peers).toEqual([NOBODY]);
  const answer = await fetch(`${address}/api/v1/groups`, { headers: { authorization: `Bearer ${OPERATOR}` } });
  expect(await answer.json()).toEqual({ groups: [] });
  // What is made only when it is asked for must not need files that root alone can read.
  expect((await fetch(`${address}/api/v1/openapi.json`)).status).toBe(200);
  expect(output).not.toContain(OPERATOR);
  await agent.stop();
});

test('without root it reports an event to a webhook, and keeps what it is asked to keep at the supervisor', async () => {
  const receiver = await hookReceiver();
  const agent = new StandInAgent('one');
  agent.tick();
  await agent.serve(join(folder.path, 'agent.sock'), { webUid: NOBODY, peerUid });
  chmodSync(folder.path, 0o711);
  const message = startMessage();
  start({ ...message, settings: { ...message.settings, notifyLocal: true } });
  const address = await ready();
  const to = { type: 'webhook', format: 'json', url: receiver.url };
  const saved = fetch(`${address}/api/v1/notices`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json' },
    body: JSON.stringify({ version: 0, destinations: [{ id: 'a', name: 'a', when: { severity: 'info' }, to }] }),
  });
  await vi.waitFor(() => expect(messages).toContainEqual({ type: 'store-notices', text: expect.stringContaining(receiver.url) }), patience);
  child.send({ type: 'notices-stored' });
  expect((await saved).status).toBe(200);
  await vi.waitFor(async () => expect((await fetch(`${address}/healthz`)).status).toBe(200), patience);
  agent.event('/docker/web');
  await vi.waitFor(() => expect(receiver.received).toMatchObject([{ body: { count: 1, events: [{ group: '/docker/web' }] } }]), patience);
  expect(output).not.toContain(receiver.url);
  await receiver.close();
  await agent.stop();
});

test('what happened while it was not running is reported once it is connected', async () => {
  const receiver = await hookReceiver();
  const missed: Event = { id: 2, time: Date.now(), group: '/docker/missed', kind: 'oom_kill', count: 1, late: true };
  const agent = new StandInAgent('one', [{ ...missed, id: 1, group: '/docker/reported' }, missed]);
  agent.tick();
  await agent.serve(join(folder.path, 'agent.sock'), { webUid: NOBODY, peerUid });
  chmodSync(folder.path, 0o711);
  const to = { type: 'webhook', format: 'json', url: receiver.url };
  const when = { kinds: [], groups: [], severity: 'critical' };
  const notices = JSON.stringify({ version: 1, destinations: [{ id: 'a', name: 'a', enabled: true, when, to }] });
  const message = startMessage({ notices, noticesSeen: 1 });
  start({ ...message, settings: { ...message.settings, notifyLocal: true } });
  await ready();
  await vi.waitFor(() => expect(receiver.received).toMatchObject([{ body: { count: 1, events: [missed] } }]), patience);
  child.kill('SIGTERM');
  await vi.waitFor(() => expect(messages).toContainEqual({ type: 'notices-seen', id: 2 }), patience);
  await receiver.close();
  await agent.stop();
});

test('the login link works once; the supervisor hears of it and sends the next', async () => {
  start(startMessage());
  const address = await ready();
  const login = async (token: string) => {
    const body = JSON.stringify({ token });
    return (await fetch(`${address}/api/v1/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status;
  };
  expect(await login('the first link')).toBe(200);
  await vi.waitFor(() => expect(messages).toContainEqual({ type: 'login-used' }), patience);
  expect(await login('the first link')).toBe(401);
  child.send({ type: 'login-token', token: 'the second link' });
  await vi.waitFor(async () => expect(await login('the second link')).toBe(200), patience);
  expect(output).not.toMatch(/the (first|second) link/);
});

test('a port in use is one sentence, and the end', async () => {
  const other = createServer();
  other.listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  start(startMessage({}, port));
  const [code] = await once(child, 'exit');
  expect(code).toBe(1);
  expect(messages).toEqual([
    {
      type: 'failed',
      sentence: `Port ${port} on 127.0.0.1 is in use: stop the program that uses it, or choose another with --listen 127.0.0.1:<port>.`,
    },
  ]);
  other.close();
});

test('it refuses to stay root', async () => {
  start(startMessage({ uid: 0 }));
  const [code] = await once(child, 'exit');
  expect(code).toBe(1);
  expect(messages).not.toContainEqual(expect.objectContaining({ type: 'ready' }));
});

test.each([
  ['SIGTERM', () => child.kill('SIGTERM')],
  ['the end of the supervisor', () => child.disconnect()],
] as const)('%s ends it, also with a request and a stream open', async (_what, end) => {
  start(startMessage());
  const address = await ready();
  const stream = new WebSocket(`${address.replace('http', 'ws')}/api/v1/stream`, { headers: { authorization: `Bearer ${OPERATOR}` } });
  await once(stream, 'open');
  const closed = once(stream, 'close');
  const exit = once(child, 'exit');
  end();
  expect((await exit)[0]).toBe(0);
  expect((await closed)[0]).toBe(1001);
});
