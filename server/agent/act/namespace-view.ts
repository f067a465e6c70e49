// Which namespaces a group's processes are in, and who else is in them (namespaces(7)).
import { readdirSync, readFileSync } from 'node:fs';
import type { NamespaceView } from '../../contract/answers.ts';
import { groupsOfProcess } from '../kernel/reach.ts';
import { namespacesOf, ownNamespaces } from './process-table.ts';

/** Processes of other groups that are named; the rest is counted. */
const NAMED = 20;

function commOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return '';
  }
}

/** Every process of the machine, by the number that we know it by. */
function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** @param pids the group's own processes */
export function describeNamespaces(pids: readonly number[]): NamespaceView[] {
  const views = new Map<
    string,
    { kind: string; id: number; own: boolean; pids: number[]; others: NamespaceView['others']; othersCount: number }
  >();
  for (const pid of pids) {
    for (const [kind, id] of namespacesOf(pid)) {
      const view = views.get(`${kind}:${id}`) ?? { kind, id, own: ownNamespaces.get(kind) !== id, pids: [], others: [], othersCount: 0 };
      view.pids.push(pid);
      views.set(`${kind}:${id}`, view);
    }
  }
  const inside = new Set(pids);
  for (const pid of allPids()) {
    if (inside.has(pid)) continue;
    for (const [kind, id] of namespacesOf(pid)) {
      const view = views.get(`${kind}:${id}`);
      if (!view) continue;
      view.othersCount++;
      // The host's own are shared by all that the machine runs: their names say nothing.
      if (!view.own || view.others.length >= NAMED) continue;
      const groups = groupsOfProcess(pid);
      view.others.push({ pid, comm: commOf(pid), group: groups.get('memory') ?? groups.get('unified') ?? '/' });
    }
  }
  return [...views.values()];
}
