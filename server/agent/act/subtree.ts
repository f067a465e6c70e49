// Enables v2's controllers for a group: it has those that every ancestor lists in cgroup.subtree_control (cgroup-v2.rst, “Enabling and Disabling”).

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { lineage } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import { errnoOf } from '../kernel/errno.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';

/** The controllers that cgdeck reads or limits; the others are left as they are. */
const WANTED = ['cpu', 'cpuset', 'io', 'memory', 'pids'];
const FILE = 'cgroup.subtree_control';

/** What was written to an ancestor. */
export interface Enabled {
  readonly group: string;
  readonly file: string;
  readonly old: string;
  readonly asked: string;
  readonly new: string;
}

/**
 * Enables, from the root down, the controllers that a new group below `parent` needs. The group is made without those that an ancestor
 * does not have or cannot enable.
 * @param isManaged whether cgdeck may write to a group; one that it may not, and that has processes, is left as it is
 * @throws ProblemError busy where a managed ancestor has processes, which v2 does not allow beside controllers for groups below
 */
export function enableControllers(layout: Layout, parent: string, isManaged: (group: string) => boolean = () => true): Enabled[] {
  const { unified } = layout;
  if (unified === undefined) return [];
  const enabled: Enabled[] = [];
  for (const group of lineage(parent).toReversed()) {
    const dir = layout.dir(unified, group);
    const available = words(`${dir}/cgroup.controllers`);
    const old = words(`${dir}/${FILE}`);
    const lacking = WANTED.filter((name) => available.includes(name) && !old.includes(name));
    if (lacking.length === 0) continue;
    // Only the root of the hierarchy may have both, and only it has no cgroup.type.
    const inside = existsSync(`${dir}/cgroup.type`) ? words(`${dir}/cgroup.procs`).length : 0;
    if (inside > 0 && isManaged(group)) throw hasProcesses(group, inside);
    if (inside > 0) continue;
    const asked = enable(`${dir}/${FILE}`, lacking);
    if (asked.length > 0)
      enabled.push({
        group,
        file: FILE,
        old: old.join(' '),
        asked: asked.map((name) => `+${name}`).join(' '),
        new: words(`${dir}/${FILE}`).join(' '),
      });
  }
  return enabled;
}

/** All in one write, or, if one of them is refused (cpu, while there are real-time tasks), one by one. */
function enable(file: string, controllers: readonly string[]): readonly string[] {
  if (tryWrite(file, controllers.map((name) => `+${name}`).join(' '))) return controllers;
  return controllers.filter((name) => tryWrite(file, `+${name}`));
}

function tryWrite(file: string, text: string): boolean {
  try {
    writeFileSync(file, text);
    return true;
  } catch (error) {
    if (errnoOf(error) === '') throw error;
    return false;
  }
}

function hasProcesses(group: string, count: number): ProblemError {
  return new ProblemError(
    'busy',
    `${group} has ${count} process${count === 1 ? '' : 'es'} of its own, and on cgroup v2 such a group cannot enable controllers for groups below it. Ask again with a leaf, such as "leaf": "main", to move its processes into ${group}/main first, or make the new group beside it.`,
    { errno: 'EBUSY', file: `${group}/${FILE}` },
  );
}

function words(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split(/\s+/)
      .filter((name) => name !== '');
  } catch {
    // Missing or not readable: no controllers.
    return [];
  }
}
