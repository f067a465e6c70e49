// cgdeck as a person starts it: the built supervisor with folders, port, tokens and a managed root of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import WebSocket from 'ws';
import { Problem } from '../server/contract/problems.ts';
import { childrenOf } from './kernel.ts';
import { removeLeftovers, rootsOf } from './leftovers.ts';

const HERE = dirname(import.meta.dirname);
/** Twice a second: what takes several ticks is tried sooner. */
const INTERVAL_MS = 500;

export type Role = 'operator' | 'viewer';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return address.port;
}

/** What the API answered: the status and the document. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export class Server {
  readonly root: string;
  readonly url: string;
  readonly tokens: Readonly<Record<Role, string>> = { operator: randomBytes(24).toString('hex'), viewer: randomBytes(24).toString('hex') };
  readonly #folder = mkdtempSync(join(tmpdir(), 'cgdeck-e2e-'));
  #process: ChildProcess | undefined;
  #lines: string[] = [];
  #errors = '';

  private constructor(name: string, port: number) {
    this.root = `/${name}`;
    this.url = `http://127.0.0.1:${port}`;
    // The web process, which is nobody, has to reach the socket in it.
    chmodSync(this.#folder, 0o755);
  }

  /** @param worker the number of the worker process, which each has its own server */
  static async start(worker: number): Promise<Server> {
    // Workers are children of the Playwright process, whose pid the end of the run looks for.
    const server = new Server(`${rootsOf(process.ppid)}${worker}`, await freePort());
    await server.start();
    return server;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('The server is not running.');
    return pid;
  }

  /** The newest login link that was printed. */
  get loginLink(): string {
    const link = this.#lines.findLast((line) => line.includes('/login#'));
    return link?.slice(link.indexOf('http')) ?? '';
  }

  async start(): Promise<void> {
    const child = spawn(join(HERE, 'node_modules/.bin/node'), [join(HERE, 'dist/server/main.js')], {
      env: {
        ...process.env,
        CGDECK_LISTEN: new URL(this.url).host,
        CGDECK_STATE_DIR: join(this.#folder, 'state'),
        CGDECK_RUN_DIR: join(this.#folder, 'run'),
        CGDECK_ROOT: this.root,
        CGDECK_INTERVAL: String(INTERVAL_MS),
        CGDECK_TOKEN: this.tokens.operator,
        CGDECK_VIEWER_TOKEN: this.tokens.viewer,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.#lines = [];
    const out = createInterface({ input: child.stdout });
    out.on('line', (line) => this.#lines.push(line));
    child.stderr.on('data', (text) => {
      this.#errors += text;
    });
    const ended = once(child, 'exit').then(([code]) => {
      if (!this.#lines.includes('cgdeck is ready.')) throw new Error(`cgdeck ended with ${code} before it was ready:\n${this.#errors}`);
    });
    while (this.loginLink === '') await Promise.race([once(out, 'line'), ended]);
    // The web process is ready a moment before it has reached the agent.
    while ((await this.api('GET', `/groups${this.root}`)).status === 503) await nextTurn();
  }

  /** @returns the exit code, when the supervisor and with it its children are gone */
  async stop(): Promise<number> {
    const child = this.#process;
    if (!child) throw new Error('The server is not running.');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = await ended;
    this.#process = undefined;
    return code;
  }

  /** Ends what was launched, then the server, and leaves nothing: also after tests that failed. */
  async end(): Promise<void> {
    let fault: unknown;
    try {
      if (this.#process) await this.removeGroups();
      if (this.#process) await this.stop();
    } catch (error) {
      fault = error;
    }
    this.#process?.kill('SIGTERM');
    const left = await removeLeftovers(this.root.slice(1));
    rmSync(this.#folder, { recursive: true, force: true });
    if (fault !== undefined) throw fault;
    if (left.length > 0) throw new Error(`The server left groups behind, which are removed now: ${left.join(', ')}`);
  }

  /** The groups below the managed root, with all that runs in them. */
  async removeGroups(): Promise<void> {
    for (const group of childrenOf(this.root)) {
      const { status, body } = await this.api('DELETE', `/groups${encodeURI(group)}?kill=true`);
      if (status !== 200 && status !== 404) throw new Error(`${group} could not be removed: ${JSON.stringify(body)}`);
    }
  }

  async api(method: string, path: string, body?: unknown, role: Role = 'operator'): Promise<ApiAnswer> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${this.tokens[role]}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  }

  /** @throws where the API refuses */
  async do(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.api(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${Problem.parse(answer.body).detail}`);
    return answer.body;
  }

  /** Waits until the agent has sampled so often again. */
  async ticks(count: number): Promise<void> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/api/v1/stream?format=json`, {
      headers: { authorization: `Bearer ${this.tokens.viewer}` },
    });
    let left = count + 1;
    await new Promise<void>((done, failed) => {
      socket.on('error', failed);
      socket.on('close', () => failed(new Error('The stream ended.')));
      socket.on('message', (text) => {
        if (JSON.parse(String(text)).type === 'frame' && --left === 0) done();
      });
    });
    socket.terminate();
  }

  /** The pid of the agent or the web process, as a child of the supervisor. */
  child(which: 'agent' | 'web'): number {
    const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    const found = children.find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(which === 'agent' ? 'agent/main' : 'cgdeck-web'),
    );
    if (found === undefined) throw new Error(`The supervisor has no ${which} process.`);
    return found;
  }
}
