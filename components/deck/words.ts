// The deck's sentences: why a group cannot be touched, and what exactly a dangerous action will do.
import type { GroupState } from '../../server/contract/derive.ts';
import { formatBytes, type Quantity } from '../../server/contract/units.ts';
import type { Question } from '../ui/question.tsx';
import type { Measures } from './measures.ts';

export function text({ figure, unit }: Quantity): string {
  return unit === '' ? figure : `${figure} ${unit}`;
}

/** Bytes in words, "no limit" for none. */
export function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? 'no limit' : text(formatBytes(bytes));
}

export function whyNot(measures: Measures | undefined): string | undefined {
  if (!measures) return 'The group is gone.';
  if (measures.self) return 'It holds cgdeck itself or pid 1, which are never frozen, killed or limited.';
  if (!measures.managed)
    return 'It is shown, not touched: it lies outside the managed root. Start cgdeck with --control to name further groups.';
  return undefined;
}

/** Who says that a group stands still or runs, in the kernel's own words; v2 says it in a line of cgroup.events. */
export function freezerSays(state: Exclude<GroupState, 'freezing'>, version: 1 | 2 | undefined): string {
  if (version === 1) return `The kernel says ${state.toUpperCase()}`;
  return `The kernel says cgroup.events frozen ${state === 'frozen' ? 1 : 0}`;
}

/** Why a group is not frozen yet. */
export function stillFreezing(version: 1 | 2 | undefined): string {
  const until = version === 1 ? 'the group stays FREEZING until then' : 'cgroup.events says frozen 0 until then';
  return `A task that waits for memory or sleeps uninterruptibly stops only when it wakes: ${until}.`;
}

/** What SIGKILL means for tasks that are frozen. */
function killedFrozen(all: readonly Measures[]): string {
  const frozen = all.filter(({ state }) => state !== 'thawed');
  if (frozen.length === 0) return '';
  return frozen.some(({ freezer }) => freezer === 1)
    ? ' A frozen group is thawed, since a frozen task dies only when it runs again.'
    : ' Frozen tasks die as well, without running again.';
}

function tasksText(count: number): string {
  return count === 1 ? '1 task' : `${count} tasks`;
}

export function killQuestion(all: readonly Measures[]): Question {
  const tasks = all.reduce((sum, { tasks }) => sum + (tasks ?? 0), 0);
  const one = all.length === 1 ? all[0] : undefined;
  return {
    title: one ? `Kill everything in ${one.path}?` : `Kill everything in ${all.length} groups?`,
    body: `Every process in ${one ? 'it' : 'them'} and below gets SIGKILL at once: ${tasksText(tasks)} now. They cannot save anything first, and this cannot be undone.${killedFrozen(all)} The ${one ? 'group stays' : 'groups stay'}.`,
    confirm: `Kill ${tasksText(tasks)}`,
  };
}

export function removeQuestion(measures: Measures): Question {
  const tasks = measures.tasks ?? measures.processes ?? 0;
  return {
    title: `Remove ${measures.path}?`,
    body:
      tasks > 0
        ? `${tasksText(tasks)} in it get SIGKILL first. Then the group is removed from every hierarchy, and its limits with it. This cannot be undone.`
        : 'It holds no process. It is removed from every hierarchy, and its limits with it. A new group of the same name starts without limits.',
    confirm: tasks > 0 ? `Kill ${tasksText(tasks)} and remove` : 'Remove',
    danger: tasks > 0,
  };
}
