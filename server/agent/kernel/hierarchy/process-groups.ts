// The groups of a process, from /proc/<pid>/cgroup (cgroups(7)).
import { readFileSync } from 'node:fs';
import { spell } from '../../../contract/spelling.ts';
import { isExiting, readLiving } from '../living-task.ts';
import { mountedParts, shownPath } from './mounts.ts';

/** Added on v2 to the group of an ending task whose group was removed. */
const DELETED = ' (deleted)';

/**
 * @param text one character a byte ("latin1"); a line that does not end has been cut, and is left out
 * @param isEnding whether the task is: a living one can be in a group that is named so
 * @returns its group in each hierarchy, by the hierarchy's name, as the page spells it
 */
export function parseProcessGroups(
  text: string,
  isEnding: () => boolean,
  parts: ReadonlyMap<string, string> = mountedParts,
): Map<string, string> {
  const groups = new Map<string, string>();
  for (const line of text.split('\n').slice(0, -1)) {
    // "4:memory:/a:b": a path may contain colons, and any byte but a line break.
    const match = /^\d+:([^:]*):(\/.*)$/s.exec(line);
    if (!match) continue;
    const [, name = '', path = '/'] = match;
    const here = name === '' && path.endsWith(DELETED) && isEnding() ? path.slice(0, -DELETED.length) : path;
    const hierarchy = name === '' ? 'unified' : name;
    groups.set(hierarchy, shownPath(spell(here), parts.get(hierarchy)));
  }
  return groups;
}

/** The groups of a process by hierarchy; empty if it has ended. */
export function groupsOfProcess(pid: number | 'self'): Map<string, string> {
  try {
    return readLiving(pid, (dir) => parseProcessGroups(readFileSync(`${dir}/cgroup`, 'latin1'), () => isExiting(dir)));
  } catch {
    return new Map();
  }
}
