// Hands v2's controllers down the tree: a group has those that every group above it has in cgroup.subtree_control (cgroup-v2.rst, “Enabling and Disabling”).

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { lineage } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import { errnoOf } from '../kernel/errno.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';

/** Those that cgdeck reads or limits; the rest is left as the machine's owner has it. */
const WANTED = ['cpu', 'cpuset', 'io', 'memory', 'pids'];
const FILE = 'cgroup.subtree_control';

/** What was written to a group above the one that was made. */
export interface Enabled {
  readonly group: string;
  readonly file: string;
  readonly old: string;
  readonly asked: string;
  readonly new: string;
}

/**
 * Enables what a new group below `parent` needs, from the root down. What an ancestor does not have, or may not hand down, is left out:
 * the group is made without it.
 * @param isOurs whether a group is within reach: one that is not, and holds processes, is as its owner wants it
 * @throws ProblemError busy where a group of ours holds processes, which v2 does not allow beside controllers for groups below
 */
export function handDown(layout: Layout, parent: string, isOurs: (group: string) => boolean = () => true): Enabled[] {
  const { unified } = layout;
  if (unified === undefined) return [];
  const enabled: Enabled[] = [];
  for (const group of lineage(parent).toReversed()) {
    const dir = layout.dir(unified, group);
    const available = words(`${dir}/cgroup.controllers`);
    const old = words(`${dir}/${FILE}`);
    const lacking = WANTED.filter((name) => available.includes(name) && !old.includes(name));
    if (lacking.length === 0) continue;
    // The root of the whole tree alone may have both, and alone has no type.
    const inside = existsSync(`${dir}/cgroup.type`) ? words(`${dir}/cgroup.procs`).length : 0;
    if (inside > 0 && isOurs(group)) throw noInnerProcesses(group, inside);
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

/** All in one write, or, where one of them is refused (cpu is while real-time tasks are about), each that is not. */
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

function noInnerProcesses(group: string, count: number): ProblemError {
  return new ProblemError(
    'busy',
    `${group} holds ${count} process${count === 1 ? '' : 'es'} itself, and on cgroup v2 a group with processes cannot hand controllers to groups below it. Ask again with a leaf, such as "leaf": "main", to have its processes moved into ${group}/main first; or make the new group beside it.`,
    { errno: 'EBUSY', file: `${group}/${FILE}` },
  );
}

function words(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split(/\s+/)
      .filter((name) => name !== '');
  } catch {
    // Not there, or not to be read: there is nothing to hand down.
    return [];
  }
}
