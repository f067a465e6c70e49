// One child process: gets a first message, is restarted when it ends or hangs, and can be stopped.
import { type ChildProcess, spawn } from 'node:child_process';
import { FromChild, type ToChild } from '../boot.ts';
import { Backoff } from '../contract/backoff.ts';
import type { Command } from './commands.ts';

/** The first restart is not noticed; a child that keeps ending does not load the machine. */
const FIRST_DELAY_MS = 50;
const LAST_DELAY_MS = 5_000;
/** After so long, a start counts as successful. */
const STEADY_MS = 10_000;
/** Generous: on a machine short of memory a healthy process may be stopped for long. */
const MISSED_PINGS = 15;

export interface ChildPlan {
  readonly command: Command;
  readonly env: NodeJS.ProcessEnv;
  readonly pingEveryMs: number;
  /** Called for each start, since pids and tokens change. Undefined: the child only loads, and waits for `begin`. */
  firstMessage(): object | undefined;
  onSpawn?(pid: number): void;
  onMessage(message: Exclude<FromChild, { type: 'alive' }>): void;
  /** It missed so many pings that it is killed; `onEnd` follows. */
  onHang(pings: number): void;
  /** It ended without being asked to and is restarted; `how` is its signal or exit code. */
  onEnd(how: string): void;
}

export interface KeptChild {
  readonly pid: number | undefined;
  send(message: ToChild): void;
  /** Sends the first message to one that waits for it. */
  begin(): void;
  /** From now on it is not restarted. */
  stopRestarting(): void;
  /** SIGTERM, and SIGKILL after `graceMs`; resolves when the process has ended for good. */
  stop(graceMs: number): Promise<void>;
  /** SIGKILL, for a stop that takes too long. */
  hurry(): void;
}

function sendQuietly(child: ChildProcess, message: object): void {
  // A child that is ending misses it; the next start has the same facts.
  if (child.connected) child.send(message, () => undefined);
}

export function keepAlive(plan: ChildPlan): KeptChild {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  const backoff = new Backoff(FIRST_DELAY_MS, LAST_DELAY_MS);
  let stopping = false;
  let exited = Promise.withResolvers<void>();

  /** @param startedWell a restart will probably work: it ran for long, or was ready and then killed */
  function ended(how: string, startedWell: boolean): void {
    child = undefined;
    exited.resolve();
    if (stopping) return;
    if (startedWell) backoff.reset();
    plan.onEnd(how);
    timer = setTimeout(start, backoff.next());
  }

  function start(): void {
    const since = performance.now();
    exited = Promise.withResolvers();
    // In a session of its own, so that Ctrl-C signals only the supervisor, which stops its children in order.
    const started = spawn(plan.command.file, plan.command.args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: plan.env,
      detached: true,
    });
    child = started;
    const alive = started.pid === undefined ? () => undefined : watch(started);
    let over = false;
    let ready = false;
    const once = (how: string) => {
      if (over) return;
      over = true;
      // The OOM killer sends SIGKILL, perhaps again and again: that is when the agent is needed most.
      ended(how, performance.now() - since >= STEADY_MS || (ready && how === 'SIGKILL'));
    };
    // Also emitted if a signal cannot be sent; only without a pid was there no start.
    started.on('error', (error) => {
      if (started.pid === undefined) once(error.message);
    });
    started.once('exit', (code, signal) => once(signal ?? `exit code ${code}`));
    started.on('message', (message) => {
      const parsed = FromChild.safeParse(message);
      if (!parsed.success) return;
      alive();
      ready ||= parsed.data.type === 'ready';
      if (parsed.data.type !== 'alive') plan.onMessage(parsed.data);
    });
    if (started.pid === undefined) return;
    begin();
    plan.onSpawn?.(started.pid);
  }

  /** Counted, not timed: if this process was stopped itself, it reads what arrived meanwhile first. @returns call it for each message */
  function watch(started: ChildProcess): () => void {
    // No answer is expected before the first: loading may take long.
    let unanswered: number | undefined;
    const timer = setInterval(() => {
      if (unanswered !== undefined && unanswered++ >= MISSED_PINGS) {
        clearInterval(timer);
        if (!stopping) plan.onHang(MISSED_PINGS);
        started.kill('SIGKILL');
      } else sendQuietly(started, { type: 'ping' } satisfies ToChild);
    }, plan.pingEveryMs);
    started.once('exit', () => clearInterval(timer));
    return () => {
      unanswered = 0;
    };
  }

  function begin(): void {
    const first = plan.firstMessage();
    if (child && first) sendQuietly(child, first);
  }

  function stopRestarting(): void {
    stopping = true;
    clearTimeout(timer);
  }

  start();
  return {
    get pid() {
      return child?.pid;
    },
    send(message) {
      if (child) sendQuietly(child, message);
    },
    begin,
    stopRestarting,
    async stop(graceMs) {
      stopRestarting();
      const last = child;
      if (!last) return;
      last.kill('SIGTERM');
      const kill = setTimeout(() => last.kill('SIGKILL'), graceMs);
      await exited.promise;
      clearTimeout(kill);
    },
    hurry() {
      if (stopping) child?.kill('SIGKILL');
    },
  };
}
