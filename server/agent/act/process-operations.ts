// Ends and moves processes on request: checked, journaled and reported.
import { readFileSync } from 'node:fs';
import type { CallAnswer, CallParams } from '../../contract/calls.ts';
import type { Named } from '../../contract/events.ts';
import { ProblemError } from '../../contract/problems.ts';
import { isExiting } from '../kernel/living-task.ts';
import type { ActParts } from './act-parts.ts';
import { commOf } from './process-table.ts';
import type { GroupProcesses } from './processes.ts';

export class ProcessOperations {
  readonly #parts: Pick<ActParts, 'journal' | 'reporter'>;
  readonly #processes: GroupProcesses;

  constructor(parts: Pick<ActParts, 'journal' | 'reporter'>, processes: GroupProcesses) {
    this.#parts = parts;
    this.#processes = processes;
  }

  /** Kills all processes of a group and below, or sends a signal to one process. */
  async kill(asked: CallParams<'kill'>, by: string): Promise<CallAnswer<'kill'>> {
    const { journal, reporter } = this.#parts;
    const processes = this.#processes;
    if ('group' in asked) {
      const { group, inode } = asked;
      const named: Named = [];
      const killed = await journal.record(
        { by, action: 'kill', group, safer: true },
        () => processes.killGroup(group, named, inode),
        (pids) => pids,
      );
      reporter.report({ kind: 'kill', group, pids: killed, named, signal: 'SIGKILL', by, time: Date.now() });
      return { killed, named };
    }
    const { pid, startTicks, signal } = asked;
    refuseThread(pid, 'whole processes are signalled');
    const group = processes.groupOf(pid);
    const named = [{ pid, comm: commOf(pid) }];
    await journal.record({ by, action: 'signal', group, facts: { pid, signal }, safer: true }, () =>
      processes.signal(pid, signal, startTicks),
    );
    reporter.report({ kind: 'kill', group, pids: [pid], named, signal, by, time: Date.now() });
    return { killed: [pid], named };
  }

  /**
   * @throws ProblemError invalid for a thread: the kernel would move the whole process that it belongs to; unsupported for a process that cannot be
   * moved whole
   */
  async attach({ pid, startTicks, group, inode }: CallParams<'attach'>, by: string): Promise<CallAnswer<'attach'>> {
    refuseThread(pid, 'whole processes are moved');
    refuseEnding(pid);
    const from = await this.#parts.journal.record(
      { by, action: 'attach', group, facts: { pid } },
      () => this.#processes.attach(pid, group, { inode, startTicks }),
      (path) => path,
    );
    this.#parts.reporter.report({ kind: 'move', group, pid, from, by, time: Date.now() });
    return { pid, group, from };
  }
}

/** @throws ProblemError invalid for a thread: its process would be moved, and no pidfd can be opened for it (pidfd_open(2)) */
function refuseThread(pid: number, why: string): void {
  const whole = processOf(pid);
  if (whole !== pid) throw new ProblemError('invalid', `${pid} is a thread of process ${whole}, and ${why}: ask for ${whole}.`);
}

/**
 * @throws ProblemError unsupported after the end of a process's first thread: v2 moves the others, and goes on listing it in the old group, where
 * cgroup.kill ends it
 */
function refuseEnding(pid: number): void {
  try {
    if (!isExiting(`/proc/${pid}`)) return;
  } catch {
    return; // There is no such process, which is for the move to refuse.
  }
  throw new ProblemError('unsupported', `Process ${pid} is ending, or its first thread has ended: the kernel does not move it as a whole.`);
}

/** The process that a thread belongs to, which is itself for a process (proc(5), Tgid); one that is gone is taken for a process. */
function processOf(tid: number): number {
  try {
    return Number(/^Tgid:\s*(\d+)$/m.exec(readFileSync(`/proc/${tid}/status`, 'utf8'))?.[1] ?? tid);
  } catch {
    return tid;
  }
}
