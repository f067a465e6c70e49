// Runs the launcher: hands it the request, listens to its steps, and leaves it behind as the monitor of what it started.
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { buildDir } from '../../../native/libc/library.ts';
import { pidfdOpen, reap, sealedCopy, spawnWithSockets } from '../../../native/libc/process.ts';
import { ProblemError } from '../../contract/problems.ts';
import { errnoOf } from '../kernel/errno.ts';
import type { Sources } from '../kernel/sources.ts';

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

/** What each step that can fail asks of the person. */
const STEP_ADVICE: Record<string, string> = {
  exec: 'Check the program’s path inside its view of the files, and that it can be run by an unprivileged user.',
  cwd: 'Name a working directory that exists inside and that an unprivileged user may enter.',
  groups: 'The new group did not take the process: see its cpuset and pids.max.',
  limits: 'Ask for less: fs.nr_open is the most for nofile, and only root raises a hard limit above cgdeck’s own.',
  request: 'The request is not one the launcher takes.',
  rootless:
    'This system does not let a user do that: see kernel.unprivileged_userns_clone, user.max_user_namespaces and the security modules, or start cgdeck as root.',
  timeout: 'The process could not be started in time: a limit of the group may hold it.',
  trees:
    'Name what exists on the host, by a path without symbolic links. A folder that not everybody may enter is offered by starting cgdeck with --share.',
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
    // The launcher is root, whom nothing keeps out: it keeps to what anybody may enter.
    error.step === 'trees' && error.errno === 'EACCES' ? 'protected' : 'kernel_refused',
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

/** Each line of the status as it comes. */
function onSteps(status: Readable, take: (step: z.infer<typeof Step>) => void): void {
  let text = '';
  status.setEncoding('utf8');
  status.on('data', (chunk: string) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const step = Step.safeParse(parseJson(line));
      if (step.success) take(step.data);
    }
  });
}

/** A launcher that was started: what is said to it and what it says. */
interface Running {
  readonly pid: number;
  readonly request: Socket;
  readonly status: Socket;
  readonly go: Socket;
}

/** Ended before it said anything: the program was not started, and may be tried again. */
class SilentEnd extends ProblemError {
  constructor() {
    super('kernel_refused', 'The launcher ended without a word: it may have been killed. Nothing was started.');
  }
}

/** Runs launchers; one is started ahead, so that no launch waits for a process to be made. */
export class Launcher {
  readonly #sources: Sources;
  #spare: Promise<Running> | undefined;
  #closed = false;
  /** Where the launcher is run from. */
  #program: string | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Starts the spare, unless there is one. @returns once it waits for a request, or cannot be started */
  async prepare(): Promise<void> {
    if (this.#spare || this.#closed) return;
    const spare = this.#start();
    this.#spare = spare;
    try {
      const running = await spare;
      if (this.#closed) letGo(running);
      else if (this.#spare === spare) hold(running, false);
    } catch {
      // The launch that needs one tries again, and says why it cannot be had.
      if (this.#spare === spare) this.#spare = undefined;
    }
  }

  /** The spare ends with its request's end. */
  close(): void {
    this.#closed = true;
    this.#spare?.then(letGo, () => {});
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
    // Taken before anything is waited for: it is for one launch only.
    const taken = this.#spare;
    this.#spare = undefined;
    const spare = await taken?.catch(() => undefined);
    try {
      return await converse(spare ?? (await this.#start()), record, partOf, whenReady);
    } catch (error) {
      // Somebody has ended the spare, and nobody had noticed.
      if (!spare || !(error instanceof SilentEnd)) throw error;
      return await converse(await this.#start(), record, partOf, whenReady);
    } finally {
      setImmediate(() => void this.prepare());
    }
  }

  async #start(): Promise<Running> {
    const { pid, fds } = await this.#spawn().catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ProblemError(
        'unsupported',
        `The launcher cannot be run: ${why}. Build it with make -C native; without root, vm.memfd_noexec has to allow memory that can be executed.`,
        { cause },
      );
    });
    this.#reapAtEnd(pid);
    const [request, status, go] = fds.map((fd) => new Socket({ fd, readable: true, writable: true, allowHalfOpen: true }));
    if (!request || !status || !go) throw new Error('a launcher has three sockets');
    // It may end, or refuse, before it has read all: what it says on the status descriptor counts.
    for (const socket of [request, status, go]) socket.on('error', () => {});
    return { pid, request, status, go };
  }

  /** From a copy that no program can write to: without root they run as the user whom the launcher's own file belongs to. */
  async #spawn(): ReturnType<typeof spawnWithSockets> {
    this.#program ??= sealed(join(buildDir, 'launch'));
    return spawnWithSockets(this.#program, 'cgdeck-launch');
  }

  #reapAtEnd(pid: number): void {
    const source = this.#sources.watch('the end of a launcher', pidfdOpen(pid), 'readable', () => {
      source.close();
      reap(pid);
    });
  }
}

/** As root, whose file is out of every launch's reach, the file itself does where the kernel allows no such copy. */
function sealed(path: string): string {
  try {
    return `/proc/self/fd/${sealedCopy(path)}`;
  } catch (error) {
    if (process.getuid?.() === 0 && errnoOf(error) === 'EACCES') return path;
    throw error;
  }
}

/** Whether it keeps this process alive. */
function hold({ request, status, go }: Running, held: boolean): void {
  for (const socket of [request, status, go]) {
    if (held) socket.ref();
    else socket.unref();
  }
}

function letGo({ request, status, go }: Running): void {
  for (const socket of [request, status, go]) socket.destroy();
}

async function converse(running: Running, record: Buffer, partOf: PartOf, whenReady: WhenReady | undefined): Promise<Started> {
  hold(running, true);
  running.request.end(record);
  try {
    return await untilExec(running, partOf, whenReady);
  } finally {
    // The end of `go` is what gives up a launch that still waits for the word.
    letGo(running);
  }
}

function untilExec({ pid: monitorPid, status, go }: Running, partOf: PartOf, whenReady: WhenReady | undefined): Promise<Started> {
  const { promise, resolve, reject } = Promise.withResolvers<Started>();
  let refusal: unknown;
  const goOn = async (pid: number) => {
    try {
      await whenReady?.(pid);
      go.write('g');
    } catch (error) {
      // The launcher ends the process and says so: only then is nothing left.
      refusal = error;
      go.end();
    }
  };
  onSteps(status, (step) => {
    if ('error' in step) reject(refusal ?? failure(step.error, partOf));
    else if (step.step === 'ready' && step.pid !== undefined) void goOn(step.pid);
    else if (step.step === 'exec' && step.pid !== undefined) resolve({ pid: step.pid, monitorPid });
  });
  status.on('end', () => reject(refusal ?? new SilentEnd()));
  status.on('close', () => reject(refusal ?? new SilentEnd()));
  return promise;
}
