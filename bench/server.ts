// A whole cgdeck for the benches that go through HTTP: its own port, folders and managed root, and a token to act with.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import type { Event } from '../server/contract/events.ts';
import type { Ground } from './ground.ts';

const MAIN = join(import.meta.dirname, '..', 'dist', 'server', 'main.js');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface Received {
  readonly event: Event;
  /** CLOCK_MONOTONIC when the message was there, as the kernel's own wake-ups are timed. */
  readonly atNs: bigint;
}

export class BenchServer {
  /** Host, port and path of the API. */
  readonly address: string;
  readonly token: string;
  readonly #agent = new Agent({ keepAlive: true });

  readonly #pid: number;

  /** Its state and run folders are `state` and `run` in it. */
  readonly folder: string;

  private constructor({ port, token, pid, folder }: { port: number; token: string; pid: number; folder: string }) {
    this.#pid = pid;
    this.folder = folder;
    this.address = `127.0.0.1:${port}/api/v1`;
    this.token = token;
  }

  /** Ends with the ground. */
  static async start(ground: Ground, env: Readonly<Record<string, string>> = {}): Promise<BenchServer> {
    const folder = mkdtempSync(join(tmpdir(), 'cgdeck-bench-'));
    // The web process passes through it.
    chmodSync(folder, 0o755);
    const port = await freePort();
    const token = randomBytes(24).toString('base64url');
    const child = spawn(process.execPath, [MAIN], {
      env: {
        ...process.env,
        CGDECK_LISTEN: `127.0.0.1:${port}`,
        CGDECK_RUN_DIR: join(folder, 'run'),
        CGDECK_STATE_DIR: join(folder, 'state'),
        CGDECK_ROOT: ground.root,
        CGDECK_TOKEN: token,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    ground.onRemove(async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    });
    const lines = createInterface({ input: child.stdout });
    const ready = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        if (line === 'cgdeck is ready.') resolve();
      });
    });
    const early = ended.then(() => {
      throw new Error('cgdeck ended before it was ready.');
    });
    await Promise.race([ready, early]);
    return new BenchServer({ port, token, pid: child.pid ?? 0, folder });
  }

  get agentPid(): number {
    return this.#childOf('agent/main');
  }

  get webPid(): number {
    return this.#childOf('cgdeck-web');
  }

  /** A child of the supervisor. */
  #childOf(command: string): number {
    const children = readFileSync(`/proc/${this.#pid}/task/${this.#pid}/children`, 'utf8').trim().split(' ').map(Number);
    const child = children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(command));
    if (child === undefined) throw new Error(`${command} does not run`);
    return child;
  }

  /** By plain HTTP on a connection that stays: fetch would add its own time to every figure. */
  async call(method: string, path: string, body?: object): Promise<unknown> {
    const text = body && JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${this.token}`,
      ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
    };
    const asked = request(`http://${this.address}${path}`, { method, headers, agent: this.#agent });
    asked.end(text);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    let answered = '';
    for await (const chunk of answer.setEncoding('utf8')) answered += chunk;
    const status = answer.statusCode ?? 0;
    if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${answered}`);
    return answered === '' ? undefined : JSON.parse(answered);
  }

  /** A client of the stream, as a browser is one. */
  async stream(onEvent: (received: Received) => void, onFrame?: (bytes: Uint8Array) => void): Promise<WebSocket> {
    const socket = new WebSocket(`ws://${this.address}/stream`, { headers: { authorization: `Bearer ${this.token}` } });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      const atNs = process.hrtime.bigint();
      if (isBinary) return onFrame?.(data);
      const message = JSON.parse(data.toString()) as { type: string; event?: Event };
      if (message.type === 'event' && message.event) onEvent({ event: message.event, atNs });
    });
    await once(socket, 'message');
    return socket;
  }
}
