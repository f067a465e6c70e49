// Runs the launcher once: hands it the request, listens to its steps, and leaves it behind as the monitor of what it started.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { buildDir } from '../../../native/libc.ts';
import { ProblemError } from '../../contract/problems.ts';

const Step = z.union([
  z.object({ step: z.string(), pid: z.number().int().optional() }),
  z.object({ error: z.object({ step: z.string(), errno: z.string().optional(), message: z.string(), what: z.string().optional() }) }),
]);

export interface Started {
  readonly pid: number;
  /** The launcher itself, which pumps the output and waits for the exit. */
  readonly monitorPid: number;
}

/** The launcher needs nothing from our environment, and must not pass any of it on (Next's types want a NODE_ENV in every environment). */
const EMPTY_ENV = {} as NodeJS.ProcessEnv;

/** What each step that can fail asks of the person. */
const STEP_ADVICE: Record<string, string> = {
  exec: 'Check the program’s path and that it can be run by an unprivileged user.',
  cwd: 'Name a working directory that exists and that an unprivileged user may enter.',
  groups: 'The new group did not take the process: see its cpuset and pids.max.',
  request: 'The request is not one the launcher takes.',
  timeout: 'The process could not be started in time: a limit of the group may hold it.',
};

function failure(error: { step: string; errno?: string | undefined; message: string; what?: string | undefined }): ProblemError {
  const what = error.what === undefined || error.what === '' ? '' : ` (${error.what})`;
  const errno = error.errno === undefined ? '' : `, ${error.errno}`;
  const advice = STEP_ADVICE[error.step] ?? 'The kernel or its settings may forbid this namespace here.';
  return new ProblemError(
    'kernel_refused',
    `The launch stopped at the step "${error.step}"${what}: ${error.message}${errno}. ${advice} Nothing was left behind.`,
    { errno: error.errno, file: error.what, asked: error.step },
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

/**
 * Starts a program through native/launch.
 * @param record the request as the launcher takes it
 * @throws ProblemError kernel_refused with the step, its errno and what to do
 */
export function runLauncher(record: Buffer): Promise<Started> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(buildDir, 'launch'), [], {
      detached: true,
      cwd: '/',
      env: EMPTY_ENV,
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const monitorPid = child.pid;
    child.on('error', (cause) =>
      reject(new ProblemError('unsupported', `The launcher cannot be run: ${cause.message}. Build it with make -C native.`, { cause })),
    );
    // Not 'exit', which may come before the last words on the status descriptor.
    child.on('close', () => {
      reject(new ProblemError('kernel_refused', 'The launcher ended without a word: it may have been killed. Nothing was started.'));
    });
    const request = child.stdio[3] as Writable;
    const status = child.stdio[4] as Readable;
    // The launcher may refuse before it has read all: what it says on the status descriptor counts.
    request.on('error', () => {});
    request.end(record);
    let text = '';
    status.setEncoding('utf8');
    status.on('data', (chunk: string) => {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) {
        const step = Step.safeParse(parseJson(line));
        if (!step.success) continue;
        if ('error' in step.data) reject(failure(step.data.error));
        else if (step.data.step === 'exec' && step.data.pid !== undefined && monitorPid !== undefined) {
          child.unref();
          resolve({ pid: step.data.pid, monitorPid });
        }
      }
    });
  });
}
