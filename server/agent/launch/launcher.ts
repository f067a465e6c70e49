// Runs the launcher: sends it the request and follows its steps until exec; afterwards it stays as the program's monitor.
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
  z.object({ step: z.string(), pid: z.number().int().optional(), note: z.string().optional() }),
  z.object({ error: z.object({ step: z.string(), errno: z.string().optional(), message: z.string(), what: z.string().optional() }) }),
]);
type LaunchError = Extract<z.infer<typeof Step>, { error: unknown }>['error'];

export interface Started {
  /** The program's pid. */
  readonly pid: number;
  /** The launcher's pid, which stays to copy the output and record the exit. */
  readonly monitorPid: number;
  /** What its root lacks, a sentence each; usually none. */
  readonly notes: readonly string[];
}

/** The steps whose notes are about what a program lacks; others have notes about what is as it was asked for. */
const NOTED_STEPS = ['trees', 'view'];

/** Called while the new process waits in its namespaces before exec; a rejection ends the process. */
export type WhenReady = (pid: number) => Promise<void>;

/** What to do about each step that can fail. */
const STEP_ADVICE: Record<string, string> = {
  exec: 'Check that the program’s path exists inside the launch, and that an unprivileged user may execute it.',
  child:
    'Something ended the new process before its program ran: a memory limit of the group that is too low for a start, a limit on its CPU time, or a kill from outside. See the group’s events, raise the limit, and launch again.',
  cwd: 'Choose a working directory that exists inside the launch and that an unprivileged user may enter.',
  groups: 'The kernel refused to move the process into the new group: check its cpuset and pids.max.',
  limits: 'Choose lower limits: nofile may be at most fs.nr_open, and only root may raise a hard limit above cgdeck’s own.',
  request: 'The launcher does not accept this request.',
  rootless:
    'This system does not permit that to users: check kernel.unprivileged_userns_clone, user.max_user_namespaces and the security modules, or start cgdeck as root.',
  timeout: 'The process could not be started in time: a limit of the group may be slowing it down.',
  trees:
    'Give a path that exists on the host and has no symbolic links. To use a folder that is not open to all users, start cgdeck with --share.',
  user: 'Name a user and a group that the launch itself has, or give numbers from 0 to 65535.',
  view: 'A root directory needs the folders dev, proc, sys, tmp and run as mount points. With a layer they are made.',
  bind: 'Choose a target that can be made inside the launch and is not in /proc, /sys or /dev.',
  join: 'The launch has ended, or its namespaces cannot be entered.',
};

const FEW_TASKS =
  'The pids.max of the group, or of one above it, is too low: a launch needs two tasks, one for its init and one for its program. Raise it, or launch without an init.';

/** Where the errno says more than the step. */
const ERRNO_ADVICE: Record<string, string> = {
  'exec E2BIG': '',
  'exec ENOEXEC': '',
  'exec ENOMEM': 'The memory limit of the group, or a resource limit (as, data, stack), is too low for this program.',
  'exec EAGAIN': 'The resource limit nproc is reached by the processes of the program’s user.',
  'init EAGAIN': FEW_TASKS,
  'clone EAGAIN': FEW_TASKS,
};

/** The field of the request that a failed step concerns, or the step itself if that is no single field. */
export type PartOf = (step: string, what: string) => string;

function failure(error: LaunchError, partOf: PartOf): ProblemError {
  const what = error.what === undefined || error.what === '' ? '' : ` (${error.what})`;
  const errno = error.errno === undefined ? '' : `, ${error.errno}`;
  const advice =
    ERRNO_ADVICE[`${error.step} ${error.errno}`] ?? STEP_ADVICE[error.step] ?? 'The kernel or its settings may forbid this here.';
  return new ProblemError(
    // Not the kernel's refusal: the launcher is root, but checks that all users may enter the path.
    error.step === 'trees' && error.errno === 'EACCES' ? 'protected' : 'kernel_refused',
    `The launch failed at the step "${error.step}"${what}: ${error.message}${errno}.${advice === '' ? '' : ` ${advice}`} Everything it had made was removed.`,
    { errno: error.errno, file: error.what, asked: partOf(error.step, error.what ?? '') },
  );
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Calls back for each valid line of the status. */
function onSteps(status: Readable, onStep: (step: z.infer<typeof Step>) => void): void {
  let text = '';
  status.setEncoding('utf8');
  status.on('data', (chunk: string) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const step = Step.safeParse(parseJson(line));
      if (step.success) onStep(step.data);
    }
  });
}

/** A launcher that was started, with its sockets. */
interface Running {
  readonly pid: number;
  readonly request: Socket;
  readonly status: Socket;
  readonly go: Socket;
}

/** The launcher ended without a step: the program was not started, and may be tried again. */
class SilentEnd extends ProblemError {
  constructor() {
    super('kernel_refused', 'The launcher ended without reporting a step: it may have been killed. Nothing was started.');
  }
}

/** Runs launchers. One is always started ahead, so that a launch does not wait for that. */
export class Launcher {
  readonly #sources: Sources;
  #spare: Promise<Running> | undefined;
  #closed = false;
  /** The path of the launcher's sealed copy. */
  #program: string | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Starts the spare, unless there is one. Resolves once it waits for a request or cannot be started. */
  async prepare(): Promise<void> {
    if (this.#spare || this.#closed) return;
    const spare = this.#start();
    this.#spare = spare;
    try {
      const running = await spare;
      if (this.#closed) closeSockets(running);
      else if (this.#spare === spare) keepAlive(running, false);
    } catch {
      // The launch that needs one tries again, and reports the reason.
      if (this.#spare === spare) this.#spare = undefined;
    }
  }

  /** The spare ends when its request socket closes. */
  close(): void {
    this.#closed = true;
    this.#spare?.then(closeSockets, () => {});
    this.#spare = undefined;
  }

  /**
   * Starts a program through native/launch.
   * @param record the request, encoded for the launcher
   * @param partOf names the field of the request that a refusal concerns
   * @param whenReady for a request with `go`
   * @throws ProblemError kernel_refused with the step, its errno and what to do; or the rejection of `whenReady`
   */
  async run(record: Buffer, partOf: PartOf, whenReady?: WhenReady): Promise<Started> {
    // Taken before the first wait, so that no other launch gets it.
    const taken = this.#spare;
    this.#spare = undefined;
    const spare = await taken?.catch(() => undefined);
    try {
      return await converse(spare ?? (await this.#start()), record, partOf, whenReady);
    } catch (error) {
      // The spare had been killed unnoticed: try once more with a new one.
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
        `The launcher cannot be run: ${why}. Build it with make -C native; without root, vm.memfd_noexec must allow executable memory.`,
        { cause },
      );
    });
    this.#reapAtEnd(pid);
    const [request, status, go] = fds.map((fd) => new Socket({ fd, readable: true, writable: true, allowHalfOpen: true }));
    if (!request || !status || !go) throw new Error('a launcher has three sockets');
    // It may end or refuse before it has read everything; the status socket has the reason.
    for (const socket of [request, status, go]) socket.on('error', () => {});
    return { pid, request, status, go };
  }

  /** Runs a sealed copy in memory: without root, launched programs run as the owner of the launcher's file and could change that. */
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

/** Root, whose file no launch can write to, falls back to the file itself where the kernel forbids executable memory. */
function sealed(path: string): string {
  try {
    return `/proc/self/fd/${sealedCopy(path)}`;
  } catch (error) {
    if (process.getuid?.() === 0 && errnoOf(error) === 'EACCES') return path;
    throw error;
  }
}

/** Sets whether an open launcher keeps this process alive. */
function keepAlive({ request, status, go }: Running, isKept: boolean): void {
  for (const socket of [request, status, go]) {
    if (isKept) socket.ref();
    else socket.unref();
  }
}

function closeSockets({ request, status, go }: Running): void {
  for (const socket of [request, status, go]) socket.destroy();
}

async function converse(running: Running, record: Buffer, partOf: PartOf, whenReady: WhenReady | undefined): Promise<Started> {
  keepAlive(running, true);
  running.request.end(record);
  try {
    return await untilExec(running, partOf, whenReady);
  } finally {
    // Closing `go` ends a launch that still waits for it.
    closeSockets(running);
  }
}

function untilExec({ pid: monitorPid, status, go }: Running, partOf: PartOf, whenReady: WhenReady | undefined): Promise<Started> {
  const { promise, resolve, reject } = Promise.withResolvers<Started>();
  let refusal: unknown;
  const notes: string[] = [];
  const proceed = async (pid: number) => {
    try {
      await whenReady?.(pid);
      go.write('g');
    } catch (error) {
      // Reported only after the launcher has ended the process, so that nothing is left.
      refusal = error;
      go.end();
    }
  };
  onSteps(status, (step) => {
    if ('error' in step) reject(refusal ?? failure(step.error, partOf));
    else if (step.step === 'ready' && step.pid !== undefined) void proceed(step.pid);
    else if (step.step === 'exec' && step.pid !== undefined) resolve({ pid: step.pid, monitorPid, notes });
    else if (step.note !== undefined && NOTED_STEPS.includes(step.step)) notes.push(step.note);
  });
  status.on('end', () => reject(refusal ?? new SilentEnd()));
  status.on('close', () => reject(refusal ?? new SilentEnd()));
  return promise;
}
