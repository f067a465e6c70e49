// The deck’s sentences: why a group cannot be changed, and what exactly a dangerous action will do.
import type { GroupState } from '../../server/contract/derive.ts';
import { bytesText, countText, type Quantity } from '../../server/contract/units.ts';
import type { Question } from '../ui/question-dialog.tsx';
import type { Measures } from './measures.ts';

/** Bytes in words, "no limit" for none. */
export function sizeText(bytes: number | undefined): string {
  return bytes === undefined ? 'no limit' : bytesText(bytes);
}

/** Whole seconds, minutes or hours. */
export function timeLeft(seconds: number): Quantity {
  if (seconds < 120) return { figure: String(seconds), unit: 's' };
  return seconds < 7200
    ? { figure: String(Math.floor(seconds / 60)), unit: 'min' }
    : { figure: String(Math.floor(seconds / 3600)), unit: 'h' };
}

export function whyNot(measures: Measures | undefined): string | undefined {
  if (!measures) return 'The group was removed.';
  if (measures.self) return 'It contains cgdeck itself or pid 1, which are never frozen, killed or limited.';
  if (!measures.managed) return 'Read-only: it is outside the managed root. Start cgdeck with --control to manage further groups.';
  return undefined;
}

/** The kernel’s report that a group is frozen or thawed; on v2 it is a line of cgroup.events. */
export function freezerText(state: Exclude<GroupState, 'freezing'>, version: 1 | 2 | undefined): string {
  if (version === 1) return `The kernel reports ${state.toUpperCase()}`;
  return `The kernel reports cgroup.events frozen ${state === 'frozen' ? 1 : 0}`;
}

/** Why a group is not frozen yet. */
export function stillFreezing(version: 1 | 2 | undefined): string {
  const until = version === 1 ? 'the group is FREEZING until then' : 'cgroup.events has frozen 0 until then';
  return `A task that waits for memory or is in an uninterruptible sleep freezes only when it wakes: ${until}.`;
}

/** What SIGKILL means for tasks that are frozen. */
function killedFrozen(all: readonly Measures[]): string {
  const frozen = all.filter(({ state }) => state !== 'thawed');
  if (frozen.length === 0) return '';
  return frozen.some(({ freezer }) => freezer === 1)
    ? ' Frozen groups are thawed, since a frozen task ends only when it runs again.'
    : ' Frozen tasks end too, without running again.';
}

export function killQuestion(all: readonly Measures[]): Question {
  const tasks = all.reduce((sum, { tasks }) => sum + (tasks ?? 0), 0);
  const one = all.length === 1 ? all[0] : undefined;
  return {
    title: one ? `Kill all processes in ${one.path}?` : `Kill all processes in ${all.length} groups?`,
    body: `Every process in ${one ? 'it' : 'them'} and below gets SIGKILL at once: ${countText(tasks, 'task')} now. Unsaved work is lost, and this cannot be undone.${killedFrozen(all)} The ${one ? 'group is' : 'groups are'} not removed.`,
    confirm: `Kill ${countText(tasks, 'task')}`,
  };
}

export function removeQuestion(measures: Measures): Question {
  const tasks = measures.tasks ?? measures.processes ?? 0;
  return {
    title: `Remove ${measures.path}?`,
    body:
      tasks > 0
        ? `First ${countText(tasks, 'task')} in it get SIGKILL. Then the group is removed with its limits. This cannot be undone.`
        : 'It has no process. It is removed with its limits: a new group of the same name starts without limits.',
    confirm: tasks > 0 ? `Kill ${countText(tasks, 'task')} and remove` : 'Remove',
    danger: tasks > 0,
  };
}
