// Runs ip, tc, nft and nsenter: found once, no shell, an empty environment, a bound on the time; what they say when they fail is kept.
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const toolNames = ['ip', 'tc', 'nft', 'nsenter', 'unshare'] as const;
export type ToolName = (typeof toolNames)[number];

/** Where distributions install them; the agent’s own PATH may be anybody’s. */
const SEARCH_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
/** They take milliseconds; one that waits this long for the kernel’s network lock will not get it soon. */
const TIMEOUT_MS = 10_000;
/** The first descriptor after the standard ones. */
const NAMESPACE_FD = 3;
/** The namespace that is passed on, as a path that the tool’s own process can open. */
export const NAMESPACE_PATH = `/proc/self/fd/${NAMESPACE_FD}`;

/** Messages in English, as they are matched; nothing else of our environment (Next’s types want a NODE_ENV in every environment). */
const ENV = { LC_ALL: 'C' } as unknown as NodeJS.ProcessEnv;

export interface ToolRun {
  /** One command a line, for `-batch -` (ip(8), tc(8)) and `nft -f -`. */
  readonly lines?: readonly string[];
  /** A descriptor of a network namespace, which the tool sees as NAMESPACE_PATH. */
  readonly namespaceFd?: number;
  /** Run inside of that namespace (nsenter(1)). */
  readonly inside?: boolean;
}

/** A tool that is missing, could not be run, took too long, or ended with another code than 0. */
export class ToolFailure extends Error {
  readonly path: string;
  /** The command that failed: of a batch, the one line. */
  readonly asked: string;
  /** Its place in the batch, from 1; undefined if the tool did not say. */
  readonly line: number | undefined;
  /** What it said, in one line; "" if it was stopped after its time. */
  readonly answer: string;

  constructor(path: string, args: readonly string[], run: ToolRun, stderr: string) {
    const line = /Command failed .*:(\d+)/.exec(stderr)?.[1];
    const said = stderr.split('\n').map((text) => text.replace(/^(RTNETLINK answers|Error): /, '').trim());
    const answer = said.filter((text) => text !== '' && !/^(Command failed|We have an error talking)/.test(text)).join(' ');
    super(`${path}: ${answer}`);
    this.path = path;
    this.answer = answer;
    this.line = line === undefined ? undefined : Number(line);
    this.asked = (this.line === undefined ? undefined : run.lines?.[this.line - 1]) ?? args.join(' ');
  }
}

export class Tools {
  readonly #paths = new Map<ToolName, string>();

  /** @param searchPath folders with colons between, as PATH has them */
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

  /**
   * @returns what it wrote to its standard output
   * @throws ToolFailure
   */
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
      // It may have failed before it has read all: what it says counts.
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
