// What a call means: the group and the process that its caller saw. Another in its place is not acted on.
import { ProblemError } from '../../contract/problems.ts';
import { startTicks } from './living-task.ts';

/** The group of that name has another inode. */
export function replaced(path: string): ProblemError {
  return new ProblemError(
    'replaced',
    `${path} was removed and made again since it was read: what has its name now is another group, and nothing was done to it.`,
    { file: path },
  );
}

/** @param ticks when the process that is meant started @throws ProblemError replaced if another process has its pid by now */
export function mustHaveStarted(pid: number, ticks: number | undefined): void {
  const now = ticks === undefined ? undefined : startTicks(pid);
  if (now === undefined || now === ticks) return;
  throw new ProblemError(
    'replaced',
    `The process that had pid ${pid} has ended: what has its pid now is another process, and nothing was done to it.`,
    { asked: String(pid) },
  );
}
