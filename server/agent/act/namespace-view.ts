// Which namespaces a group's processes are in, and which other processes are in them (namespaces(7)).
import { readdirSync } from 'node:fs';
import type { NamespaceView } from '../../contract/answers.ts';
import { groupsOfProcess } from '../kernel/hierarchy/process-groups.ts';
import { inSlices } from '../kernel/slices.ts';
import { commOf, namespacesOf, ownNamespaces } from './process-table.ts';

/** At most so many processes are named, of the group and of others; the rest are counted. */
const NAMED = 20;

/** Every process in our pid namespace. */
function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Processes to look up before other work gets its turn. */
const PIDS_PER_SLICE = 50;

/** @param pids the group's own processes */
export async function describeNamespaces(pids: readonly number[]): Promise<NamespaceView[]> {
  const views = new Map<string, Building>();
  await inSlices(pids, PIDS_PER_SLICE, (pid) => {
    for (const [kind, id] of namespacesOf(pid)) {
      const view = views.get(`${kind}:${id}`) ?? newView(kind, id);
      view.pidsCount++;
      if (view.pids.length < NAMED) view.pids.push(pid);
      views.set(`${kind}:${id}`, view);
    }
  });
  const inside = new Set(pids);
  await inSlices(views.size === 0 ? [] : allPids(), PIDS_PER_SLICE, (pid) => {
    if (inside.has(pid)) return;
    for (const [kind, id] of namespacesOf(pid)) {
      const view = views.get(`${kind}:${id}`);
      if (!view) continue;
      view.othersCount++;
      // The host's own namespaces are shared by most processes, so naming them does not help.
      if (!view.own || view.others.length >= NAMED) continue;
      const groups = groupsOfProcess(pid);
      view.others.push({ pid, comm: commOf(pid), group: groups.get('memory') ?? groups.get('unified') ?? '/' });
    }
  });
  return [...views.values()];
}

type Building = { -readonly [K in keyof NamespaceView]: NamespaceView[K] };

function newView(kind: string, id: number): Building {
  return { kind, id, own: ownNamespaces.get(kind) !== id, pidsCount: 0, pids: [], othersCount: 0, others: [] };
}
