// cgdeck as a person starts it: the built supervisor with its own folders, port, tokens and managed root.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setImmediate as nextTurn } from 'node:timers/promises';
import WebSocket from 'ws';
import type { GroupView } from '../server/contract/answers.ts';
import type { CallAnswer } from '../server/contract/calls.ts';
import { ProblemSchema } from '../server/contract/problem-schema.ts';
import type { Kernel } from './ask-kernel.ts';
import { freePort } from './free-port.ts';
import { rootsOf } from './leftovers.ts';
import type { Place } from './place.ts';

/** Twice a second, so that tests of several ticks are faster. */
const INTERVAL_MS = 500;

export type Role = 'operator' | 'viewer';

/** An answer of the API: the status and the document. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export class Server {
  readonly root: string;
  readonly url: string;
  readonly tokens: Readonly<Record<Role, string>> = { operator: randomBytes(24).toString('hex'), viewer: randomBytes(24).toString('hex') };
  readonly #place: Place;
  /** Of the running supervisor. */
  #output: Interface | undefined;
  #lines: string[] = [];

  private constructor(name: string, port: number, place: Place) {
    this.root = `/${name}`;
    this.url = `http://127.0.0.1:${port}`;
    this.#place = place;
  }

  /** @param worker the number of the worker process; each has its own server */
  static async start(worker: number, place: Place): Promise<Server> {
    // Workers are children of the Playwright process, by whose pid left groups are found.
    const server = new Server(`${rootsOf(process.ppid)}${worker}`, await freePort(), place);
    await server.start();
    return server;
  }

  /** That of the machine on which the server runs. */
  get kernel(): Kernel {
    return this.#place.kernel;
  }

  /** The newest login link that was printed. */
  get loginLink(): string {
    const link = this.#lines.findLast((line) => line.includes('/login#'));
    return link?.slice(link.indexOf('http')) ?? '';
  }

  async start(): Promise<void> {
    const { folder } = this.#place;
    this.#lines = [];
    const started = await this.#place.start(this.root, {
      CGDECK_LISTEN: new URL(this.url).host,
      CGDECK_STATE_DIR: join(folder, 'state'),
      CGDECK_RUN_DIR: join(folder, 'run'),
      CGDECK_ROOT: this.root,
      CGDECK_INTERVAL: String(INTERVAL_MS),
      // Receivers of the tests are on this machine.
      CGDECK_NOTIFY_LOCAL: 'yes',
      CGDECK_TOKEN: this.tokens.operator,
      CGDECK_VIEWER_TOKEN: this.tokens.viewer,
    });
    const out = createInterface({ input: started.output });
    this.#output = out;
    out.on('line', (line) => this.#lines.push(line));
    const ended = started.ended.then(({ code, complaints }) => {
      if (this.loginLink === '')
        throw new Error(`cgdeck ended with ${code} before it was ready:\n${[...this.#lines, complaints].join('\n')}`);
    });
    while (this.loginLink === '') await Promise.race([once(out, 'line'), ended]);
    // The web process is ready before it is connected to the agent.
    while ((await this.api('GET', `/groups${this.root}`)).status === 503) await nextTurn();
  }

  /** @returns the exit code, when the supervisor and its children have ended */
  async stop(): Promise<number> {
    const code = await this.#place.stop();
    this.#output?.close();
    this.#output = undefined;
    return code;
  }

  /** Ends launches and the server and leaves nothing, also after failed tests. */
  async end(): Promise<void> {
    let fault: unknown;
    try {
      if (this.#output) await this.removeGroups();
      if (this.#output) await this.stop();
    } catch (error) {
      fault = error;
    }
    const left = await this.#place.clear(this.root);
    if (fault !== undefined) throw fault;
    if (left.length > 0) throw new Error(`The server left groups behind, which are removed now: ${left.join(', ')}`);
  }

  /** Removes the groups below the managed root with their processes. */
  async removeGroups(): Promise<void> {
    for (const group of await this.kernel.childrenOf(this.root)) {
      const { status, body } = await this.api('DELETE', `/groups${encodeURI(group)}?kill=true`);
      if (status !== 200 && status !== 404) throw new Error(`${group} could not be removed: ${JSON.stringify(body)}`);
    }
  }

  async removeGuards(): Promise<void> {
    const { guards } = (await this.do('GET', '/guards')) as CallAnswer<'guards'>;
    for (const pattern of Object.keys(guards)) await this.do('DELETE', `/guards?pattern=${encodeURIComponent(pattern)}`);
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
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${ProblemSchema.parse(answer.body).detail}`);
    return answer.body;
  }

  async view(group: string): Promise<GroupView> {
    return (await this.do('GET', `/groups${encodeURI(group)}`)) as GroupView;
  }

  /** Waits for this many further ticks of the agent. */
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
  async child(which: 'agent' | 'web'): Promise<number> {
    return this.kernel.childOf(await this.#place.pid(), which === 'agent' ? 'agent/main' : 'cgdeck-web');
  }
}
