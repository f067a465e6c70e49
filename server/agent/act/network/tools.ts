// Runs ip, tc, nft and nsenter by absolute path, without a shell, with an empty environment and a time limit.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const toolNames = ['ip', 'tc', 'nft', 'nsenter', 'unshare'] as const;
export type ToolName = (typeof toolNames)[number];

/** Where distributions install them. The agent’s own PATH is not trusted. */
const SEARCH_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** They usually take milliseconds, and may wait for the kernel’s network lock. */
const TIMEOUT_MS = 10_000;
/** The first descriptor after the standard ones. */
const NAMESPACE_FD = 3;
/** The path by which the tool opens the namespace that it was passed. */
export const NAMESPACE_PATH = `/proc/self/fd/${NAMESPACE_FD}`;

/** English messages, because they are matched. The cast is for Next’s types, which require NODE_ENV in every environment. */
const ENV = { LC_ALL: 'C' } as unknown as NodeJS.ProcessEnv;

export interface ToolRun {
  /** Commands for standard input: `-batch -` (ip(8), tc(8)) or `nft -f -`. */
  readonly lines?: readonly string[];
  /** A descriptor of a network namespace, which the tool opens as NAMESPACE_PATH. */
  readonly namespaceFd?: number;
  /** Whether to run the tool inside that namespace (nsenter(1)). */
  readonly inside?: boolean;
}

/** A tool that is missing, could not be run, took too long, or ended with an exit code other than 0. */
export class ToolFailure extends Error {
  readonly path: string;
  /** The command that failed; of a batch, the line. */
  readonly asked: string;
  /** The line’s number in the batch, from 1; undefined if the tool did not name it. */
  readonly line: number | undefined;
  /** Its error message in one line; "" if it was killed after the time limit. */
  readonly answer: string;

  constructor(path: string, args: readonly string[], run: ToolRun, stderr: string) {
    const line = /Command failed .*:(\d+)/.exec(stderr)?.[1];
    const lines = stderr.split('\n').map((text) => text.replace(/^(RTNETLINK answers|Error): /, '').trim());
    const answer = lines.filter((text) => text !== '' && !/^(Command failed|We have an error talking)/.test(text)).join(' ');
    super(`${path}: ${answer}`);
    this.path = path;
    this.answer = answer;
    this.line = line === undefined ? undefined : Number(line);
    this.asked = (this.line === undefined ? undefined : run.lines?.[this.line - 1]) ?? args.join(' ');
  }
}

export class Tools {
  readonly #paths = new Map<ToolName, string>();

  /** @param searchPath folders separated by colons, like PATH */
  constructor(searchPath = SEARCH_PATH) {
    for (const name of toolNames) {
      const path = searchPath
        .split(delimiter)
        .map((dir) => join(dir, name))
        .find(canRun);
      if (path !== undefined) this.#paths.set(name, path);
    }
  }

  has(name: ToolName): boolean {
    return this.#paths.has(name);
  }

  path(name: ToolName): string {
    return this.#paths.get(name) ?? name;
  }

  /** @returns its standard output. @throws ToolFailure */
  run(name: ToolName, args: readonly string[], run: ToolRun = {}): Promise<string> {
    const tool = this.path(name);
    const command = run.inside ? [this.path('nsenter'), `--net=${NAMESPACE_PATH}`, tool, ...args] : [tool, ...args];
    const [program = tool, ...rest] = command;
    return new Promise((resolve, reject) => {
      const fail = (stderr: string) => reject(new ToolFailure(tool, args, run, stderr));
      if (!program.startsWith('/')) return fail(`${program} is not installed`);
      const child = spawn(program, rest, {
        cwd: '/',
        env: ENV,
        stdio: ['pipe', 'pipe', 'pipe', ...(run.namespaceFd === undefined ? [] : [run.namespaceFd])],
        timeout: TIMEOUT_MS,
        killSignal: 'SIGKILL',
      });
      const output = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const) {
        child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
          output[stream] += chunk;
        });
      }
      child.on('error', (cause) => fail(cause.message));
      child.on('close', (code, signal) => {
        if (code === 0) resolve(output.stdout);
        else fail(signal === 'SIGKILL' ? '' : output.stderr || `ended with ${signal ?? code}`);
      });
      // A tool that fails early closes its input; its error message is what counts.
      child.stdin?.on('error', () => {});
      child.stdin?.end((run.lines ?? []).map((line) => `${line}\n`).join(''));
    });
  }
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
