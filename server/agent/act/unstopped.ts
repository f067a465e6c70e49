// Finds tasks that a freeze has not stopped: in uninterruptible sleep, or running inside the kernel (freezer-subsystem.rst; cgroup-v2.rst, "cgroup.freeze").
import { readdirSync, readFileSync } from 'node:fs';
import type { FreezeAnswer, UnstoppedTask } from '../../contract/answers.ts';
import { parseStatus } from '../kernel/files/process-files.ts';

/** At most so many tasks are named in an answer; the rest are counted. */
const NAMED = 20;

/** Kernel functions in which stopped tasks sleep: v2's freezer, v1's, or a parent in vfork(2), which counts as stopped (_do_fork before Linux 5.10). */
const STOPPED_IN = new Set([
  ...['do_freezer_trap', '__refrigerator', 'get_signal', 'ptrace_stop', 'do_signal_stop'],
  ...['kernel_clone', '_do_fork', 'wait_for_vfork_done'],
]);
/** Interruptible sleeps in which v1's freezer leaves a task; since Linux 6.1 /proc shows them as uninterruptible then. */
const FREEZABLE_IN = new Set([
  'do_wait',
  'pipe_read',
  'anon_pipe_read',
  'sigsuspend',
  '__do_sys_pause',
  'hrtimer_nanosleep',
  'do_nanosleep',
  'futex_wait_queue_me',
  'futex_wait_queue',
  'futex_do_wait',
  'futex_wait',
  'futex_wait_multiple',
  'futex_sleep_multiple',
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
  'binder_wait_for_work',
]);
/**
 * Uninterruptible sleeps that v1's freezer takes for frozen, and v2's does not: a core dump and the threads that wait for it, and waits for an
 * NFS or SMB server (TASK_FREEZABLE in kernel/exit.c, fs/coredump.c, net/sunrpc, fs/nfs and fs/smb).
 */
const FREEZABLE_IN_ON_V1 = new Set([
  ...['do_exit', 'coredump_task_exit', 'vfs_coredump', 'do_coredump'],
  ...['rpc_wait_bit_killable', 'nfs_wait_bit_killable', 'wait_for_response'],
]);
/** Suffixes of a function that the compiler has split. */
const COMPILER_SUFFIX = /\.(constprop|isra|part)\..*$/;
/** Stopped by a signal or a tracer, or ended. */
const STOPPED_STATE = /^[TtXZ]/;
const UNINTERRUPTIBLE = /^D/;
const RUNNING = /^R/;

/**
 * Whether a task has stopped, by its state (proc(5)).
 * @param wchan the kernel function it sleeps in; undefined where that is hidden: an interruptible sleep, as in v2's freezer, then counts as stopped
 * @param version of the freezer
 */
export function hasStopped(state: string, wchan: string | undefined, version: 1 | 2): boolean {
  if (STOPPED_STATE.test(state)) return true;
  const place = wchan?.replace(COMPILER_SUFFIX, '');
  if (place !== undefined) {
    const isFrozenOnV1 = version === 1 && UNINTERRUPTIBLE.test(state) && FREEZABLE_IN_ON_V1.has(place);
    return STOPPED_IN.has(place) || FREEZABLE_IN.has(place) || isFrozenOnV1;
  }
  return !UNINTERRUPTIBLE.test(state) && !RUNNING.test(state);
}

/** @param pids processes of a group that is freezing, by the freezer of `version` */
export function unstoppedOf(pids: readonly number[], version: 1 | 2): NonNullable<FreezeAnswer['unstopped']> {
  const tasks: UnstoppedTask[] = [];
  let count = 0;
  for (const pid of pids) {
    for (const tid of threadsOf(pid)) {
      const task = taskOf(pid, tid);
      if (!task || hasStopped(task.state, task.wchan, version)) continue;
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
    return []; // It has ended.
  }
}

function taskOf(pid: number, tid: number): UnstoppedTask | undefined {
  const status = readIfThere(`/proc/${pid}/task/${tid}/status`);
  if (status === undefined) return undefined;
  const field = parseStatus(status);
  // "0" for a running task, and for readers without permission.
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
