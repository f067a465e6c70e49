// The script’s lines that enable v2’s controllers for the new group.
import { lineage } from '../../server/contract/paths.ts';
import { type Mounts, place } from './script-places.ts';

/** As the agent enables them (server/agent/act/subtree.ts). */
const WANTED = ['cpu', 'cpuset', 'io', 'memory', 'pids'];

export function handDownLines(mounts: Mounts): string[] {
  const unified = mounts.hierarchies.find(({ version }) => version === 2);
  const names = WANTED.filter((name) => unified?.controllers.includes(name));
  if (names.length === 0) return [];
  const lines = lineage(mounts.managedRoot)
    .toReversed()
    .flatMap((group) => {
      const file = place('cgroup.subtree_control', group, mounts);
      return file === undefined ? [] : [`echo ${names.map((name) => `+${name}`).join(' ')} > ${file}`];
    });
  return ['', '# Every group above enables its controllers.', ...lines];
}
