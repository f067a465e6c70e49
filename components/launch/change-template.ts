// Saves or removes a template for a person: asks where it is another by now than the one that was shown.
import { whileChanged } from '../group/while-changed.ts';
import { api } from '../live/api.ts';
import { momentWords } from '../ui/moment-words.ts';
import type { Ask } from '../ui/question.tsx';

export interface ChangedTemplate<A> {
  readonly name: string;
  /** When the template that was shown was saved; 0: none was shown. */
  readonly seenAt: number;
  readonly verb: 'Save' | 'Remove';
  /** Is given when the one that it replaces was saved. */
  readonly write: (replaces: number) => Promise<A>;
}

/** @returns undefined if the answer was no @throws ProblemError for any other refusal */
export function changeTemplate<A>({ name, seenAt, verb, write }: ChangedTemplate<A>, ask: Ask): Promise<A | undefined> {
  return whileChanged(
    {
      seen: seenAt,
      write,
      read: async () => (await api.templates()).templates.find((one) => one.name === name)?.savedAt ?? 0,
      question: (now) => ({
        title: `${verb} the template ${name} all the same?`,
        body:
          now === 0
            ? 'Somebody else has removed it since you opened it.'
            : `Somebody else has saved it since you opened it: at ${momentWords(now, Date.now())}. What they saved would be lost.`,
        confirm: now === 0 ? `${verb} it all the same` : verb === 'Save' ? 'Replace theirs' : 'Remove theirs',
        danger: false,
      }),
    },
    ask,
  );
}
