// Which terminals a group has: the launch's own, and those of programs that joined it.
import type { GroupView } from '../../server/contract/answers.ts';
import type { Launched } from '../../server/contract/launched.ts';
import { visible } from '../../server/contract/visible.mjs';

export interface TerminalChoice {
  readonly id: string;
  /** Another one for each run of the program: a run that follows has a terminal of its own. */
  readonly run: string;
  readonly label: string;
  readonly isRunning: boolean;
}

type View = Pick<GroupView, 'launched' | 'joined'>;

function choiceOf({ id, pid, startedAt, argv, exit }: Launched): TerminalChoice {
  return {
    id,
    run: `${id}:${startedAt}:${pid}`,
    label: `${visible(argv.join(' '))}${id === 'main' ? '' : `, ${id}`}${exit ? ', ended' : ''}`,
    isRunning: exit === undefined,
  };
}

/** The launch's own first, then the newest of those that joined. Ended ones stay as long as they are known: what is looked at must not vanish. */
export function terminalsOf(view: View | undefined): TerminalChoice[] {
  const joined = (view?.joined ?? []).toReversed();
  return [...(view?.launched ? [view.launched] : []), ...joined].filter(({ tty }) => tty).map(choiceOf);
}
