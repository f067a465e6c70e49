// One child process, kept alive: told what to do with its first message, started again when it dies, ended when asked.
import { type ChildProcess, spawn } from 'node:child_process';
import { FromChild, type ToChild } from '../boot.ts';
import { Backoff } from '../contract/backoff.ts';
import type { Command } from './commands.ts';

/** The first restart is at once to the eye; one that keeps dying does not take the machine's time. */
const FIRST_DELAY_MS = 50;
const LAST_DELAY_MS = 5_000;
/** Alive for so long, it counts as having started well. */
const STEADY_MS = 10_000;
/** Generous: on a machine that is short of memory a process that only works may stand still for long. */
const MISSED_PINGS = 15;

export interface ChildPlan {
  readonly command: Command;
  readonly env: NodeJS.ProcessEnv;
  readonly pingEveryMs: number;
  /** Made anew for each start: pids and tokens change. Undefined while it is to load only, and to wait for `begin`. */
  firstMessage(): object | undefined;
  onSpawn?(pid: number): void;
  onMessage(message: Exclude<FromChild, { type: 'alive' }>): void;
  /** It has not answered for so many pings that it is ended, which `onDeath` follows. */
  onHang(pings: number): void;
  /** It died without being asked to, and comes back; `how` is its signal or exit code. */
  onDeath(how: string): void;
}

export interface KeptChild {
  readonly pid: number | undefined;
  send(message: ToChild): void;
  /** Sends the first message to one that waits for it. */
  begin(): void;
  /** From now on a death is not followed by a restart. */
  letGo(): void;
  /** SIGTERM, and SIGKILL after `graceMs`; resolves when the process is gone and will not come back. */
  stop(graceMs: number): Promise<void>;
  /** SIGKILL, for one that is being stopped and takes too long. */
  hurry(): void;
}

function sendQuietly(child: ChildProcess, message: object): void {
  // A child that is just dying cannot be told: its next start carries the same facts.
  if (child.connected) child.send(message, () => undefined);
}

export function keepAlive(plan: ChildPlan): KeptChild {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  const backoff = new Backoff(FIRST_DELAY_MS, LAST_DELAY_MS);
  let stopping = false;
  let gone = Promise.withResolvers<void>();

  /** @param startedWell whether its end says nothing of the next start: it lived long, or was ready and somebody killed it */
  function ended(how: string, startedWell: boolean): void {
    child = undefined;
    gone.resolve();
    if (stopping) return;
    if (startedWell) backoff.reset();
    plan.onDeath(how);
    timer = setTimeout(start, backoff.next());
  }

  function start(): void {
    const since = performance.now();
    gone = Promise.withResolvers();
    // In a session of its own: Ctrl-C in the terminal reaches the supervisor only, which ends its children in order.
    const started = spawn(plan.command.file, plan.command.args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: plan.env,
      detached: true,
    });
    child = started;
    const hears = started.pid === undefined ? () => undefined : watch(started);
    let over = false;
    let ready = false;
    const once = (how: string) => {
      if (over) return;
      over = true;
      // The kernel kills so when memory is short, perhaps time and again: that is when it is needed most.
      ended(how, performance.now() - since >= STEADY_MS || (ready && how === 'SIGKILL'));
    };
    // Also raised where a signal cannot be sent; only without a pid does it mean that there is no process.
    started.on('error', (error) => {
      if (started.pid === undefined) once(error.message);
    });
    started.once('exit', (code, signal) => once(signal ?? `exit code ${code}`));
    started.on('message', (message) => {
      const parsed = FromChild.safeParse(message);
      if (!parsed.success) return;
      hears();
      ready ||= parsed.data.type === 'ready';
      if (parsed.data.type !== 'alive') plan.onMessage(parsed.data);
    });
    if (started.pid === undefined) return;
    begin();
    plan.onSpawn?.(started.pid);
  }

  /** Counted, not timed: after we stood still ourselves, what arrived meanwhile is read first. @returns to be called for each sign of life */
  function watch(started: ChildProcess): () => void {
    // Nothing is expected before the first answer: loading takes as long as the machine needs.
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

  function letGo(): void {
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
    letGo,
    async stop(graceMs) {
      letGo();
      const last = child;
      if (!last) return;
      last.kill('SIGTERM');
      const kill = setTimeout(() => last.kill('SIGKILL'), graceMs);
      await gone.promise;
      clearTimeout(kill);
    },
    hurry() {
      if (stopping) child?.kill('SIGKILL');
    },
  };
}
