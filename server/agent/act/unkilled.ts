// Why processes do not end that were sent SIGKILL, and what to do about it.
import { ProblemError } from '../../contract/problems.ts';
import { textIfThere } from '../kernel/text-if-there.ts';

/** @param elsewhere frozen groups that they are in @param others processes of other users */
export function stay(path: string, pids: readonly number[], elsewhere: readonly string[], others: ReadonlySet<number>): ProblemError {
  const why = pids.every((pid) => others.has(pid))
    ? 'they belong to another user, and cgdeck does not run as root.'
    : `${elsewhere.length === 0 ? held(pids) : `they are frozen in ${elsewhere.join(', ')}: thaw ${elsewhere.length === 1 ? 'it' : 'them'}`}. They were sent SIGKILL, and end as soon as they run again.`;
  return new ProblemError('busy', `${pids.length} processes of ${path} do not end (${pids.slice(0, 5).join(', ')}): ${why}`, {
    file: path,
  });
}

/** Of processes that cannot be named. */
export function unseenStay(path: string, count: number): ProblemError {
  return new ProblemError(
    'busy',
    `${path} still contains ${count} process${count === 1 ? '' : 'es'} outside of the pid namespace of cgdeck, which cannot signal them: end them from the pid namespace that they are in.`,
    { file: path },
  );
}

/** A tracer may stop a process at its end (ptrace(2), PTRACE_EVENT_EXIT). */
function held(pids: readonly number[]): string {
  for (const pid of pids) {
    const tracer = /^TracerPid:\s*([1-9]\d*)$/m.exec(textIfThere(`/proc/${pid}/status`) ?? '')?.[1];
    if (tracer !== undefined) return `process ${tracer}, which traces ${pid}, may have stopped it: end that`;
  }
  return 'they may be in uninterruptible sleep';
}
