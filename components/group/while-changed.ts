// Writes for a person over what was shown, and asks where there is something else by now.
import { problemOf } from '../live/api.ts';
import type { Ask } from '../ui/question.tsx';
import type { Question } from '../ui/question-dialog.tsx';

export interface Changing<S, A> {
  /** What was shown when the new value was chosen. */
  readonly seen: S;
  readonly write: (replaces: S) => Promise<A>;
  readonly read: () => Promise<S>;
  readonly question: (now: S, seen: S) => Question;
}

/** @returns undefined if an answer was no @throws ProblemError for any other refusal */
export async function whileChanged<S, A>({ seen, write, read, question }: Changing<S, A>, ask: Ask): Promise<A | undefined> {
  for (let shown = seen; ; ) {
    try {
      return await write(shown);
    } catch (error) {
      if (problemOf(error).code !== 'changed') throw error;
      const now = await read();
      if (!(await ask(question(now, shown)))) return undefined;
      shown = now;
    }
  }
}
