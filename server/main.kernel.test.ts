// The supervisor with its real children, from the sources: ready, restarted, and ended without a trace.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Layout } from './agent/kernel/hierarchy/layout.ts';
import { readHierarchies } from './agent/kernel/hierarchy/mounts.ts';

const POLL_MS = 10;
const TOKEN = 'the-token-of-the-supervisor-test';
let folder: string;
let root: string;
let base: string;
let main: ChildProcess;
let lines: string[];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function start(entry: string): Promise<void> {
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-main-'));
  chmodSync(folder, 0o755);
  root = `/cgdeck-test-main-${process.pid}`;
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  lines = [];
  main = spawn(process.execPath, [join(import.meta.dirname, entry), '--listen', `127.0.0.1:${port}`, '--root', root], {
    env: { ...process.env, CGDECK_STATE_DIR: join(folder, 'state'), CGDECK_RUN_DIR: join(folder, 'run'), CGDECK_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (!main.stdout) throw new Error('no pipe');
  const out = createInterface({ input: main.stdout });
  out.on('line', (line) => lines.push(line));
  while (!lines.includes('cgdeck is ready.')) await once(out, 'line');
}

async function stop(): Promise<void> {
  if (main.exitCode === null && main.signalCode === null) {
    const ended = once(main, 'exit');
    childrenOf();
    main.kill('SIGKILL');
    await ended;
    // The children notice the end of their parent by themselves.
    await until(() => childrenOf().length === 0);
  }
  const layout = new Layout(readHierarchies());
  for (const hierarchy of layout.hierarchies) if (existsSync(layout.dir(hierarchy, root))) rmdirSync(layout.dir(hierarchy, root));
  rmSync(folder, { recursive: true, force: true });
}

type Perhaps<T> = T | false | undefined;

async function until<T>(find: () => Perhaps<T> | Promise<Perhaps<T>>): Promise<T> {
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    await setTimeout(POLL_MS);
  }
}

let known: number[] = [];
/** Children that are alive; once the supervisor has ended, those that it had. */
function childrenOf(): number[] {
  const file = `/proc/${main.pid}/task/${main.pid}/children`;
  if (existsSync(file))
    known = readFileSync(file, 'utf8')
      .trim()
      .split(' ')
      .filter((pid) => pid !== '')
      .map(Number);
  return known.filter((pid) => existsSync(`/proc/${pid}`));
}

const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
const headers = { authorization: `Bearer ${TOKEN}` };
const get = (path: string) => fetch(`${base}${path}`, { headers });
async function post(path: string, body: object): Promise<{ pid: number; group: string }> {
  const answer = await fetch(`${base}/api/v1${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.json() as Promise<{ pid: number; group: string }>;
}
/** Whether the way from HTTP to the kernel is whole. */
const answers = () =>
  get(`/api/v1/groups${root}`).then(
    (answer) => answer.ok,
    () => false,
  );

function child(which: 'agent' | 'web'): number | undefined {
  return childrenOf().find((pid) => /agent/.test(commandOf(pid)) === (which === 'agent'));
}

describe('the supervisor with its real children', () => {
  // One for all: its start takes longer than most tests. The last of them ends it.
  beforeAll(() => start('main.ts'));
  afterAll(stop);

  test('the kernel spares cgdeck when the machine is out of memory, and nothing that it launches', async () => {
    await until(answers);
    const adjOf = (pid: number | undefined) => Number(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8'));
    // Without CAP_SYS_RESOURCE it cannot be lowered.
    const own = /^CapEff:\s\w*[13579bdf]\w{6}$/m.test(readFileSync('/proc/self/status', 'utf8')) ? -900 : adjOf(process.pid);
    expect([main.pid, ...childrenOf()].map(adjOf)).toEqual([own, own, own]);
    const argv = ['sleep', '1000'];
    const { pid, group } = await post('/launch', { name: 'plain', argv });
    const joined = await post('/join', { group, argv });
    const terminal = await post('/launch', { name: 'terminal', argv, tty: true });
    const asked = await post('/launch', { name: 'asked', argv, oomScoreAdj: 300 });
    expect([pid, joined.pid, terminal.pid, asked.pid].map(adjOf)).toEqual([0, 0, 0, 300]);
    for (const launched of [group, terminal.group, asked.group])
      expect((await fetch(`${base}/api/v1/groups${launched}?kill=true`, { method: 'DELETE', headers })).ok).toBe(true);
  });

  test('the agent and the web process are restarted when they are killed, the web process without root', async () => {
    await until(answers);
    for (const which of ['agent', 'web'] as const) {
      const before = await until(() => child(which));
      process.kill(before, 'SIGKILL');
      const after = await until(() => {
        const now = child(which);
        return now !== before && now;
      });
      expect(after).toBeGreaterThan(0);
      await until(answers);
    }
    const status = readFileSync(`/proc/${child('web')}/status`, 'utf8');
    expect(status).toMatch(/^Uid:\t([1-9]\d*)\t\1\t\1\t\1$/m);
    expect(status).toMatch(/^Groups:\s*$/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(lines.filter((line) => line === 'cgdeck is ready.')).toHaveLength(1);
  });

  test('a login uses the link up, and the next one is printed', async () => {
    const link = await until(() => lines.find((line) => line.startsWith(`${base}/login#`)));
    const token = link.split('#')[1];
    const login = () =>
      fetch(`${base}/api/v1/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: base },
        body: JSON.stringify({ token }),
      });
    expect((await login()).ok).toBe(true);
    const next = await until(() => lines.find((line) => line.startsWith('The login link was used.')));
    expect(next).not.toContain(token);
    expect((await login()).status).toBe(401);
  });

  test('the command line launches a file, shows its output and stops it', async () => {
    await until(answers);
    const cli = (...args: string[]) =>
      promisify(execFile)(process.execPath, [join(import.meta.dirname, '..', 'cli', 'cgdeck.mjs'), ...args], {
        env: { ...process.env, CGDECK_URL: base, CGDECK_TOKEN: TOKEN },
      });
    const file = join(folder, 'hello.json');
    writeFileSync(
      file,
      JSON.stringify({ name: 'hello', argv: ['/bin/sh', '-c', 'echo "hello, $WHO"; exec sleep 1000'], env: { WHO: 'you' } }),
    );
    expect((await cli('launch', '-f', file)).stdout).toMatch(new RegExp(`^${root}/hello runs as process \\d+\n$`));
    await until(async () => (await cli('output', 'hello')).stdout === 'hello, you\n');
    expect((await cli('stop', 'hello')).stdout).toBe(`${root}/hello has ended (SIGTERM)\n`);
    await expect(cli('launch', '-f', file, '--name', 'a/b')).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/name/) });
  });

  test('an OOM kill is counted for Prometheus, and its group’s count outlives the group', async () => {
    await until(answers);
    const group = `${root}/hog`;
    const metric = async (name: string) => {
      const lines = (await (await get('/metrics')).text()).split('\n');
      const line = lines.find((found) => found.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.slice(name.length + 1));
    };
    const before = (await metric('cgdeck_oom_kills_total')) ?? Number.NaN;
    const send = (method: string, path: string, body?: object) =>
      fetch(`${base}/api/v1${path}`, {
        method,
        headers: { authorization: `Bearer ${TOKEN}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    const limits = { 'memory.limit_in_bytes': '32M' };
    expect((await send('POST', '/launch', { name: 'hog', argv: ['/usr/bin/tail', '/dev/zero'], limits })).status).toBe(201);
    await until(async () => ((await metric(`cgdeck_group_oom_kills_total{group="${group}"}`)) ?? 0) >= 1);
    expect((await send('DELETE', `/groups${group}?kill=true`)).ok).toBe(true);
    await until(async () => (await metric(`cgdeck_group_pids{group="${group}"}`)) === undefined);
    expect(await metric(`cgdeck_group_oom_kills_total{group="${group}"}`)).toBeGreaterThanOrEqual(1);
    expect(await metric('cgdeck_oom_kills_total')).toBeGreaterThan(before);
  });

  test('SIGTERM ends all processes, and leaves neither socket nor group', async () => {
    await until(answers);
    // Known after a restart as well, unless it was removed.
    const removed = await fetch(`${base}/api/v1/groups${root}/hello`, { method: 'DELETE', headers: { authorization: `Bearer ${TOKEN}` } });
    expect(removed.ok).toBe(true);
    const pids = childrenOf();
    expect(pids).toHaveLength(2);
    const ended = once(main, 'exit');
    main.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    for (const pid of pids) expect(existsSync(`/proc/${pid}`)).toBe(false);
    expect(existsSync(join(folder, 'run', 'agent.sock'))).toBe(false);
    expect(existsSync(join(folder, 'run', 'supervisor.pid'))).toBe(false);
    const layout = new Layout(readHierarchies());
    expect(layout.hierarchies.filter((hierarchy) => existsSync(layout.dir(hierarchy, root)))).toEqual([]);
  });
});

describe('processes that hang', () => {
  beforeAll(() => start('fixtures/impatient.ts'));
  afterAll(stop);

  test('are replaced: meanwhile health and metrics report the agent’s state, and calls are answered', async () => {
    await until(answers);
    const [agent, web] = [await until(() => child('agent')), await until(() => child('web'))];
    process.kill(agent, 'SIGSTOP');
    const asked = await get(`/api/v1/groups${root}`);
    expect([asked.status, (await asked.json()).code]).toEqual([503, 'agent_unavailable']);
    expect((await get('/healthz')).status).toBe(503);
    const metrics = await (await get('/metrics')).text();
    expect(metrics).not.toContain('cgdeck_group_');
    expect(metrics).toContain('cgdeck_last_reading_age_seconds');
    process.kill(web, 'SIGSTOP');
    for (const [which, before] of [
      ['agent', agent],
      ['web', web],
    ] as const)
      await until(() => {
        const now = child(which);
        return now !== undefined && now !== before;
      });
    await until(answers);
    await until(async () => (await get('/healthz')).ok);
  });
});
