// Adds, changes or removes one destination for a person: asks where it is another by now than the one that was shown.
import type { ShownDestination, WrittenDestinationInput } from '../../server/contract/notices.ts';
import { api, problemOf } from '../live/api.ts';
import type { Ask } from '../ui/question.tsx';
import type { Question } from '../ui/question-dialog.tsx';
import { unchanged } from './destination-form.ts';
import { whenText, whereText } from './words.ts';

export interface SavedDestination {
  readonly id: string;
  /** As it was shown; undefined for a new one. */
  readonly seen: ShownDestination | undefined;
  /** Undefined: it is removed. */
  readonly next: WrittenDestinationInput | undefined;
}

/** Other destinations stay as they are by now. @returns false if the answer was no @throws ProblemError for any other refusal */
export async function saveDestination({ id, seen, next }: SavedDestination, ask: Ask): Promise<boolean> {
  for (let shown = seen; ; ) {
    const { version, destinations } = await api.notices();
    const now = destinations.find((one) => one.id === id);
    if (!now && !next) return true;
    if (JSON.stringify(now) !== JSON.stringify(shown)) {
      if (!(await ask(changedQuestion(seen?.name ?? id, now, next)))) return false;
      shown = now;
      continue;
    }
    const others = destinations.flatMap((one) => (one.id !== id ? [unchanged(one)] : (next ?? [])));
    try {
      await api.setNotices({ version, destinations: next && !now ? [...others, next] : others });
      return true;
    } catch (error) {
      // Changed between reading and writing: whether this one was, is seen by reading again.
      if (problemOf(error).code !== 'changed') throw error;
    }
  }
}

function changedQuestion(name: string, now: ShownDestination | undefined, next: WrittenDestinationInput | undefined): Question {
  return {
    title: `${next ? 'Change' : 'Remove'} ${name} all the same?`,
    body: now
      ? `Somebody else has changed it meanwhile. It is now: ${now.name}, ${whereText(now)}, ${whenText(now)}, ${now.enabled ? 'on' : 'off'}.`
      : 'Somebody else has removed it meanwhile, with its secrets: it would be added again.',
    confirm: next ? 'Replace theirs' : 'Remove',
    danger: false,
  };
}
