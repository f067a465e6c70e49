// Who froze a guarded group: an extended attribute of its freezer's file, which the kernel keeps as long as the group, whichever of us is killed.
import { attributeOf, removeAttribute, setAttribute } from '../../../native/libc/attributes.ts';

/** Root's own where the agent is root: whom a group is delegated to cannot change it. */
export const MARK = process.getuid?.() === 0 ? 'trusted.cgdeck.freeze' : 'user.cgdeck.freeze';
const OURS = 'guard';
/** Of a group that the guard has not frozen: if it is frozen, it is so by others. */
export const THEIRS = 'others';

/** Before the guard freezes. @param path of freezer.state or cgroup.freeze */
export function markOurs(path: string): void {
  // A mark that cannot be changed would leave the group frozen.
  if (!marked(path, OURS)) unmark(path);
}

/** After the guard has thawed, or when it is armed. */
export function markTheirs(path: string): void {
  marked(path, THEIRS);
}

/** The group has no guard any more. */
export function unmark(path: string): void {
  try {
    removeAttribute(path, MARK);
  } catch {
    // It has none.
  }
}

/** Without a mark, as on kernels that keep none for groups (before 5.7 for others than root), whatever is frozen counts as the guard's. */
export function isTheirs(path: string): boolean {
  return attributeOf(path, MARK) === THEIRS;
}

function marked(path: string, whose: string): boolean {
  try {
    setAttribute(path, MARK, whose);
    return true;
  } catch {
    return false;
  }
}
