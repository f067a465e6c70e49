// A launch as a shell script, for reading and learning; cgdeck does the same with its own launcher.
import { versionOf } from '../../server/contract/controller.ts';
import type { LaunchRequest } from '../../server/contract/launch.ts';
import { joinPath, lineage } from '../../server/contract/paths.ts';
import { parseSize } from '../../server/contract/units.ts';
import { sizeInput } from '../group/rail/size-text.ts';
import { quoteWord } from './argv.ts';
import { isSizeFile } from './limits-of-form.ts';
import { deviceLines } from './script-devices.ts';
import { networkLines } from './script-network.ts';
import { commonBase, type Mounts, place } from './script-places.ts';
import { runLines } from './script-run.ts';

export function launchScript(request: LaunchRequest, mounts: Mounts): string {
  const group = joinPath(mounts.managedRoot, request.name);
  const { base, names } = commonBase(mounts);
  const [only] = names;
  const each = (command: (dir: string) => string) =>
    names.length === 1 && only !== undefined
      ? [command(quoteWord(only + group))]
      : [`for dir in ${names.map(quoteWord).join(' ')}; do`, `  ${command(`"$dir"${quoteWord(group)}`)}`, 'done'];
  return [
    '#!/bin/sh -e',
    ...(base === '' ? [] : [`cd ${quoteWord(base)}`]),
    '',
    names.length === 1 ? '# The group.' : '# The group, in every hierarchy.',
    ...each((dir) => `mkdir -p ${dir}`),
    ...enabledLines(mounts),
    ...cpusetLines(group, mounts),
    ...limitLines(request, group, mounts),
    ...deviceLines(request, group, mounts),
    '',
    '# This shell joins it, with all that it starts.',
    ...each((dir) => `echo $$ > ${dir}/cgroup.procs`),
    ...networkLines(request),
    '',
    ...runLines(request),
    '',
  ].join('\n');
}

/** As the agent enables them on v2 (server/agent/act/subtree.ts). */
const ENABLED = ['cpu', 'cpuset', 'io', 'memory', 'pids'];

function enabledLines(mounts: Mounts): string[] {
  const unified = mounts.hierarchies.find(({ version }) => version === 2);
  const names = ENABLED.filter((name) => unified?.controllers.includes(name));
  if (names.length === 0) return [];
  const lines = lineage(mounts.managedRoot)
    .toReversed()
    .flatMap((group) => {
      const file = place('cgroup.subtree_control', group, mounts);
      return file === undefined ? [] : [`echo ${names.map((name) => `+${name}`).join(' ')} > ${file}`];
    });
  return ['', '# Every group above enables its controllers.', ...lines];
}

/** On v2 an empty cpuset is that of the group above. */
function cpusetLines(group: string, mounts: Mounts): string[] {
  if (versionOf('cpuset', mounts.hierarchies) === 2) return [];
  const lines = ['cpuset.cpus', 'cpuset.mems'].flatMap((file) => {
    const from = place(file, mounts.managedRoot, mounts);
    const to = place(file, group, mounts);
    return from === undefined || to === undefined ? [] : [`cat ${from} > ${to}`];
  });
  return lines.length === 0 ? [] : ['', '# A cpuset without CPUs takes no process: start with the parent’s.', ...lines];
}

function limitLines({ limits }: LaunchRequest, group: string, mounts: Mounts): string[] {
  const lines = Object.entries(limits).map(([file, value]) => {
    const to = place(file, group, mounts);
    if (to === undefined) return `# ${file}: no hierarchy of this machine has it.`;
    // The kernel knows no "63.5 MiB".
    const bytes = isSizeFile(file) ? parseSize(value) : undefined;
    return `echo ${typeof bytes === 'number' ? sizeInput(bytes) : quoteWord(String(value))} > ${to}`;
  });
  return lines.length === 0 ? [] : ['', '# Its limits, before anything runs in it.', ...lines];
}
