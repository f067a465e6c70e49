// Runs the launcher: hands it the request, listens to its steps, and leaves it behind as the monitor of what it started.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { buildDir } from '../../../native/libc.ts';
import { ProblemError } from '../../contract/problems.ts';

const Step = z.union([
  z.object({ step: z.string(), pid: z.number().int().optional() }),
  z.object({ error: z.object({ step: z.string(), errno: z.string().optional(), message: z.string(), what: z.string().optional() }) }),
]);
type LaunchError = Extract<z.infer<typeof Step>, { error: unknown }>['error'];

export interface Started {
  /** The program's. */
  readonly pid: number;
  /** The launcher itself, which pumps the output and waits for the exit. */
  readonly monitorPid: number;
}

/** What is to be done while the new process waits in its namespaces, before it goes on to exec; a rejection ends it. */
export type WhenReady = (pid: number) => Promise<void>;

/** The launcher needs nothing from our environment, and must not pass any of it on (Next's types want a NODE_ENV in every environment). */
const EMPTY_ENV = {} as NodeJS.ProcessEnv;

/** Request, status, and the word to go on. */
const DESCRIPTORS = [3, 4, 5] as const;

/** What each step that can fail asks of the person. */
const STEP_ADVICE: Record<string, string> = {
  exec: 'Check the program’s path inside its view of the files, and that it can be run by an unprivileged user.',
  cwd: 'Name a working directory that exists inside and that an unprivileged user may enter.',
  groups: 'The new group did not take the process: see its cpuset and pids.max.',
  request: 'The request is not one the launcher takes.',
  timeout: 'The process could not be started in time: a limit of the group may hold it.',
  trees: 'Name what exists on the host, and for a root a directory that is no symbolic link.',
  view: 'A directory root needs the folders dev, proc, sys, tmp and run to put the fresh ones on; over a layer they are made.',
  bind: 'Name a target that can be made inside, and that is not part of /proc, /sys or /dev.',
  join: 'The launch that was to be joined has ended, or its namespaces cannot be entered.',
};

/** Which part of the request a failed step is about, by what it names; the step itself where that is no one part of it. */
export type PartOf = (step: string, what: string) => string;

function failure(error: LaunchError, partOf: PartOf): ProblemError {
  const what = error.what === undefined || error.what === '' ? '' : ` (${error.what})`;
  const errno = error.errno === undefined ? '' : `, ${error.errno}`;
  const advice = STEP_ADVICE[error.step] ?? 'The kernel or its settings may forbid this here.';
  return new ProblemError(
    'kernel_refused',
    `The launch stopped at the step "${error.step}"${what}: ${error.message}${errno}. ${advice} Nothing was left behind.`,
    { errno: error.errno, file: error.what, asked: partOf(error.step, error.what ?? '') },
  );
}

/** What is no JSON is no step. */
function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function pipeAt(child: ChildProcess, fd: number): Readable & Writable {
  return child.stdio[fd] as Readable & Writable;
}

/** Each line of the status as it comes. */
async function* steps(status: Readable): AsyncGenerator<z.infer<typeof Step>> {
  let text = '';
  status.setEncoding('utf8');
  for await (const chunk of status) {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const step = Step.safeParse(parseJson(line));
      if (step.success) yield step.data;
    }
  }
}

function start(): ChildProcess {
  const child = spawn(join(buildDir, 'launch'), [], {
    // What ps shows of the monitor, and inside of the init: not where this clone lies.
    argv0: 'cgdeck-launch',
    detached: true,
    cwd: '/',
    env: EMPTY_ENV,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  });
  // The launcher may end, or refuse, before it has read all: what it says on the status descriptor counts.
  for (const fd of DESCRIPTORS) pipeAt(child, fd).on('error', () => {});
  return child;
}

/** Ended before it said anything: the program was not started, and may be tried again. */
class SilentEnd extends ProblemError {
  constructor() {
    super('kernel_refused', 'The launcher ended without a word: it may have been killed. Nothing was started.');
  }
}

/** Runs launchers; one is started ahead, so that a launch does not wait for the agent, with all its memory, to fork. */
export class Launcher {
  #spare: ChildProcess | undefined;
  #closed = false;

  /** Starts the spare, unless there is one. */
  prepare(): void {
    if (this.#spare || this.#closed) return;
    const spare = start();
    this.#spare = spare;
    const drop = () => {
      if (this.#spare === spare) this.#spare = undefined;
    };
    spare.once('error', drop);
    spare.once('exit', drop);
    hold(spare, false);
  }

  /** The spare ends with its request's end. */
  close(): void {
    this.#closed = true;
    if (this.#spare) for (const fd of DESCRIPTORS) pipeAt(this.#spare, fd).destroy();
    this.#spare = undefined;
  }

  /**
   * Starts a program through native/launch.
   * @param record the request as the launcher takes it
   * @param partOf names the part of the request that a refusal is about
   * @param whenReady for a request with `go`
   * @throws ProblemError kernel_refused with the step, its errno and what to do; or what `whenReady` rejects with
   */
  async run(record: Buffer, partOf: PartOf, whenReady?: WhenReady): Promise<Started> {
    const spare = this.#spare;
    this.#spare = undefined;
    try {
      if (!spare) return await runLauncher(start(), record, partOf, whenReady);
      hold(spare, true);
      return await runLauncher(spare, record, partOf, whenReady);
    } catch (error) {
      // Somebody has ended the spare, and nobody had noticed.
      if (!spare || !(error instanceof SilentEnd)) throw error;
      return await runLauncher(start(), record, partOf, whenReady);
    } finally {
      setImmediate(() => this.prepare());
    }
  }
}

/** Whether it keeps this process alive. */
function hold(child: ChildProcess, held: boolean): void {
  const sockets = DESCRIPTORS.map((fd) => pipeAt(child, fd) as unknown as Socket);
  for (const handle of [child, ...sockets]) {
    if (held) handle.ref();
    else handle.unref();
  }
}

async function runLauncher(child: ChildProcess, record: Buffer, partOf: PartOf, whenReady: WhenReady | undefined): Promise<Started> {
  const broken = new Promise<never>((_, reject) =>
    child.once('error', (cause) =>
      reject(new ProblemError('unsupported', `The launcher cannot be run: ${cause.message}. Build it with make -C native.`, { cause })),
    ),
  );
  const pipes = DESCRIPTORS.map((fd) => pipeAt(child, fd));
  const [request, status, go] = [pipeAt(child, 3), pipeAt(child, 4), pipeAt(child, 5)];
  request.end(record);
  try {
    return await Promise.race([broken, untilExec(child, { status, go }, partOf, whenReady)]);
  } finally {
    child.unref();
    // Its end is what gives up a launch that still waits for the word.
    for (const pipe of pipes) pipe.destroy();
  }
}

async function untilExec(
  child: ChildProcess,
  { status, go }: { readonly status: Readable; readonly go: Writable },
  partOf: PartOf,
  whenReady: WhenReady | undefined,
): Promise<Started> {
  let refusal: unknown;
  for await (const step of steps(status)) {
    if ('error' in step) throw refusal ?? failure(step.error, partOf);
    if (step.pid === undefined) continue;
    if (step.step === 'ready') {
      try {
        await whenReady?.(step.pid);
        go.write('g');
      } catch (error) {
        // The launcher ends the process and says so: only then is nothing left.
        refusal = error;
        go.end();
      }
    } else if (step.step === 'exec' && child.pid !== undefined) return { pid: step.pid, monitorPid: child.pid };
  }
  throw refusal ?? new SilentEnd();
}
