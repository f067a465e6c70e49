// Where the tested cgdeck runs: on this machine, or in a test machine with its own kernel. The browser runs here.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { COMPILED, environmentFor, type Guest } from '../test/vm/environment.ts';
import { bootMachine, type Ending, type Machine } from '../test/vm/machine.ts';
import { type Kernel, kernelAt, kernelHere } from './ask-kernel.ts';
import { freePort } from './free-port.ts';
import { removeLeftovers } from './leftovers.ts';
import { SUPERVISOR } from './supervisor.ts';

const ROOT = dirname(import.meta.dirname);

/** A supervisor that was started. */
export interface Started {
  readonly output: Readable;
  /** Its error output, once it has ended. */
  readonly ended: Promise<{ readonly code: number; readonly complaints: string }>;
}

export interface Place {
  readonly kernel: Kernel;
  /** For the server's files, in a folder that others may enter: the web process, which runs as the user nobody, needs the socket in it. */
  readonly folder: string;
  start(root: string, settings: Readonly<Record<string, string>>): Promise<Started>;
  /** The supervisor's, where it runs. */
  pid(): Promise<number>;
  /** @returns the exit code, when the supervisor and its children have ended */
  stop(): Promise<number>;
  /** After a stop or instead of one. @returns the groups that were left below the root, now removed */
  clear(root: string): Promise<string[]>;
}

export class ThisMachine implements Place {
  readonly kernel = kernelHere;
  readonly folder = mkdtempSync(join(tmpdir(), 'cgdeck-e2e-'));
  #process: ChildProcess | undefined;

  constructor() {
    chmodSync(this.folder, 0o755);
  }

  async start(_root: string, settings: Readonly<Record<string, string>>): Promise<Started> {
    const child = spawn(SUPERVISOR[0], SUPERVISOR.slice(1), { env: { ...process.env, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    const complaints = text(child.stderr);
    const ended = once(child, 'exit').then(async ([code]) => ({ code: Number(code), complaints: await complaints }));
    await once(child, 'spawn');
    return { output: child.stdout, ended };
  }

  async pid(): Promise<number> {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('The server is not running.');
    return pid;
  }

  async stop(): Promise<number> {
    const child = this.#process;
    if (!child) throw new Error('The server is not running.');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = await ended;
    this.#process = undefined;
    return code;
  }

  async clear(root: string): Promise<string[]> {
    this.#process?.kill('SIGTERM');
    const left = await removeLeftovers(root.slice(1));
    rmSync(this.folder, { recursive: true, force: true });
    return left;
  }
}

/** The guest's longest time, boot included, for all tests. */
const LIFE_MS = 3_600_000;
const Pid = z.number();
const Code = z.number();
const Left = z.array(z.string());

function complaintsOf(ending: Ending): string {
  return 'console' in ending ? `The machine: ${ending.kind}. The end of its console:\n${ending.console}` : `The machine: ${ending.kind}.`;
}

interface Booted {
  readonly machine: Machine;
  readonly ended: Started['ended'];
}

/** Boots with the first start, and is switched off at the end. */
export class TestMachine implements Place {
  /** In memory: the rest is an overlay on this machine's files, and a launch's layer cannot be an overlay on an overlay. */
  readonly folder = '/run/cgdeck-e2e';
  readonly kernel: Kernel;
  readonly #guest: Guest;
  readonly #port: number;
  #booted: Booted | undefined;

  private constructor(guest: Guest, port: number) {
    this.#guest = guest;
    this.#port = port;
    this.kernel = kernelAt(this.#url);
  }

  static async of(guest: Guest): Promise<TestMachine> {
    return new TestMachine(guest, await freePort());
  }

  get #url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async #ask(what: 'end' | 'pid' | 'start' | 'stop'): Promise<unknown> {
    const answer = await fetch(`${this.#url}/${what}`, { method: 'POST' });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The guest was asked to ${what}: ${text}`);
    return JSON.parse(text);
  }

  async start(root: string, settings: Readonly<Record<string, string>>): Promise<Started> {
    if (this.#booted) await this.#ask('start');
    this.#booted ??= await this.#boot(root, settings);
    const { machine, ended } = this.#booted;
    return { output: machine.output, ended };
  }

  async #boot(root: string, settings: Readonly<Record<string, string>>): Promise<Booted> {
    // The same ports inside as here: the server checks the host name of requests, and prints a link with its own port.
    const ports = [this.#port, Number(settings.CGDECK_LISTEN?.split(':').at(-1))];
    const machine = await bootMachine({
      ...this.#guest,
      command: [SUPERVISOR[0], join(import.meta.dirname, 'inside.ts'), String(this.#port), root],
      directory: ROOT,
      env: { ...environmentFor(this.#guest), ...settings },
      timeoutMs: LIFE_MS,
      forward: ports.map((port) => ({ host: port, guest: port })),
      writable: [COMPILED],
    });
    const ended = machine.ended.then((ending) => ({ code: ending.kind === 'exit' ? ending.code : -1, complaints: complaintsOf(ending) }));
    return { machine, ended };
  }

  async pid(): Promise<number> {
    return Pid.parse(await this.#ask('pid'));
  }

  async stop(): Promise<number> {
    return Code.parse(await this.#ask('stop'));
  }

  async clear(): Promise<string[]> {
    try {
      return Left.parse(await this.#ask('end'));
    } finally {
      await this.#booted?.machine.stop();
    }
  }
}
