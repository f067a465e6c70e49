// Which tasks a freeze has not stopped: those that sleep uninterruptibly, or run on inside the kernel (freezer-subsystem.rst; cgroup-v2.rst, "cgroup.freeze").
import { readdirSync, readFileSync } from 'node:fs';
import type { FreezeAnswer, UnstoppedTask } from '../../contract/answers.ts';

/** Named in an answer; the rest is counted. */
const NAMED = 20;

/** Where stopped tasks sleep: in v2's freezer, in v1's, or as a parent that vfork(2) holds, which counts as stopped. */
const STOPPED_IN = new Set(['do_freezer_trap', '__refrigerator', 'get_signal', 'kernel_clone', 'ptrace_stop', 'do_signal_stop']);
/** Sleeps that are interruptible by themselves: /proc calls them uninterruptible once v1's freezer, since Linux 6.1, has stopped the task in them. */
const FREEZABLE_IN = new Set([
  'do_wait',
  'pipe_read',
  'anon_pipe_read',
  'sigsuspend',
  '__do_sys_pause',
  'hrtimer_nanosleep',
  'do_nanosleep',
  'futex_wait_queue',
  'futex_wait',
  '__futex_wait',
  'do_sigtimedwait',
  'poll_schedule_timeout',
  'do_poll',
  'do_sys_poll',
  'do_select',
  'ep_poll',
  'do_epoll_wait',
  'unix_stream_data_wait',
  'unix_stream_read_generic',
]);
/** What compilers append to a function that they have cut up. */
const CUT = /\.(constprop|isra|part)\..*$/;
/** Stopped by a signal or a tracer, or ended. */
const STOPPED_STATE = /^[TtXZ]/;
const UNINTERRUPTIBLE = /^D/;
const RUNNING = /^R/;

/**
 * What one task's state says (proc(5)).
 * @param wchan the function it sleeps in; undefined where the kernel does not tell, and then an interruptible sleep counts as stopped, as v2's freezer makes one
 */
export function hasStopped(state: string, wchan: string | undefined): boolean {
  if (STOPPED_STATE.test(state)) return true;
  const place = wchan?.replace(CUT, '');
  if (place !== undefined) return STOPPED_IN.has(place) || FREEZABLE_IN.has(place);
  return !UNINTERRUPTIBLE.test(state) && !RUNNING.test(state);
}

/** @param pids processes of a group that is freezing */
export function unstoppedOf(pids: readonly number[]): NonNullable<FreezeAnswer['unstopped']> {
  const tasks: UnstoppedTask[] = [];
  let count = 0;
  for (const pid of pids) {
    for (const tid of threadsOf(pid)) {
      const task = taskOf(pid, tid);
      if (!task || hasStopped(task.state, task.wchan)) continue;
      count++;
      if (tasks.length < NAMED) tasks.push(task);
    }
  }
  return { count, tasks };
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    // It has ended.
    return [];
  }
}

function taskOf(pid: number, tid: number): UnstoppedTask | undefined {
  const status = readIfThere(`/proc/${pid}/task/${tid}/status`);
  if (status === undefined) return undefined;
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
  // "0" for a task that runs, and for whoever may not know.
  const wchan = readIfThere(`/proc/${pid}/task/${tid}/wchan`);
  return { pid, tid, comm: field('Name'), state: field('State'), ...(wchan === undefined || wchan === '0' ? {} : { wchan }) };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
