// The terminals of a group: the launch’s own, and those of programs that joined it.
import type { GroupView } from '../../server/contract/answers.ts';
import type { Launched } from '../../server/contract/launched.ts';
import { visible } from '../../server/contract/visible.mjs';

export type TerminalChoice = ReturnType<typeof choiceOf>;

type View = Pick<GroupView, 'launched' | 'joined'>;

function choiceOf({ id, pid, startedAt, argv, exit }: Launched) {
  return {
    id,
    /** Different for each run of the program: the next run has its own terminal. */
    run: `${id}:${startedAt}:${pid}`,
    label: `${visible(argv.join(' '))}${id === 'main' ? '' : `, ${id}`}${exit ? ', ended' : ''}`,
    isRunning: exit === undefined,
  };
}

/** The launch’s own first, then the newest of those that joined. Ended ones stay in the list: what one looks at must not vanish. */
export function terminalsOf(view: View | undefined): TerminalChoice[] {
  const joined = (view?.joined ?? []).toReversed();
  return [...(view?.launched ? [view.launched] : []), ...joined].filter(({ tty }) => tty).map(choiceOf);
}
