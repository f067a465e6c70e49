// Runs the launcher: sends it the request and follows its steps until exec; afterwards it stays as the program's monitor.
import { Socket } from 'node:net';
import { join } from 'node:path';
import { buildDir } from '../../../native/libc/library.ts';
import { pidfdOpen, reap, sealedCopy, spawnWithSockets } from '../../../native/libc/process.ts';
import { ProblemError } from '../../contract/problems.ts';
import { errnoOf } from '../kernel/errno.ts';
import type { Sources } from '../kernel/sources.ts';
import { failure, onSteps, type PartOf } from './launcher-steps.ts';

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
