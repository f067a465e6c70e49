// The state of a launch in words: how it ended, what it had used, how often it was restarted and when it will be next.

import { restWords } from '../../../server/contract/event-words.ts';
import type { Exit, Launched } from '../../../server/contract/launched.ts';
import { formatBytes, shortDuration, shortText } from '../../../server/contract/units.ts';

/** "with code 1", "by SIGKILL". */
export function endWords({ code, signal }: Exit): string {
  return signal === undefined ? `with code ${code ?? '?'}` : `by ${signal}`;
}

/** "ran 4 s · CPU 1.2 s · peak 12.3 MiB", as far as known. */
export function usedWords({ runMs, cpuMs, peakBytes, killed, left }: Exit): string {
  const used = [
    ...(runMs === undefined ? [] : [`ran ${shortDuration(runMs)}`]),
    ...(cpuMs === undefined ? [] : [`CPU ${shortDuration(cpuMs)}`]),
    ...(peakBytes === undefined ? [] : [`peak ${shortText(formatBytes(peakBytes))}`]),
  ].join(' · ');
  return `${used}${restWords({ killed, left })}`;
}

/** @param nowMs the host’s wall clock, as `nextAt` is @returns undefined where it was not and will not be restarted */
export function restartWords({ count, nextAt, problem }: Launched['restarts'], nowMs: number): string | undefined {
  const before = count === 0 ? 'not restarted yet' : count === 1 ? 'restarted once' : `restarted ${count} times`;
  const why = problem === undefined ? '' : `; the last try failed: ${problem}`;
  if (nextAt === undefined) return count === 0 && problem === undefined ? undefined : `${before}${why}`;
  const seconds = Math.ceil((nextAt - nowMs) / 1000);
  return `${before}, ${seconds > 0 ? `next in ${seconds} s` : 'next now'}${why}`;
}

/** Whether there is nothing left to stop: it has ended, and will not be restarted. */
export function isOver({ exit, restarts }: Pick<Launched, 'exit' | 'restarts'>): boolean {
  return exit !== undefined && restarts.nextAt === undefined;
}
