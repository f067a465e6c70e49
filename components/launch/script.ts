// A launch as a shell script: what will be written where. For reading and learning; cgdeck does the same through its own launcher.
import type { Host } from '../../server/contract/calls.ts';
import { findControlFile } from '../../server/contract/control-files.ts';
import type { LaunchRequest } from '../../server/contract/launch.ts';
import { joinPath } from '../../server/contract/paths.ts';
import { sizeInput } from '../group/rail/size-text.ts';
import { quoteWord } from './argv.ts';
import { networkLines } from './script-network.ts';
import { runLines } from './script-run.ts';

export type Mounts = Pick<Host, 'hierarchies' | 'managedRoot'>;

/** The directory that all hierarchies are mounted under, "" if they share none but the root; and each one's place in it. */
function commonBase({ hierarchies }: Mounts): { readonly base: string; readonly names: readonly string[] } {
  const points = hierarchies.map(({ mountPoint }) => mountPoint);
  const parents = points.map((point) => point.slice(0, point.lastIndexOf('/')));
  const base = parents[0] ?? '';
  return parents.every((parent) => parent === base)
    ? { base, names: points.map((point) => point.slice(base.length + 1)) }
    : { base: '', names: points };
}

/** Where the control file of a group is, as the script reaches it; undefined where no hierarchy has such a file. */
function place(file: string, group: string, mounts: Mounts): string | undefined {
  const known = findControlFile(file);
  const at = mounts.hierarchies.findIndex(
    ({ controllers, version }) =>
      known !== undefined && known.version === version && (version === 2 || controllers.includes(known.controller)),
  );
  const name = commonBase(mounts).names[at];
  return name === undefined ? undefined : quoteWord(`${name}${group}/${file}`);
}

export function launchScript(request: LaunchRequest, mounts: Mounts): string {
  const group = joinPath(mounts.managedRoot, request.name);
  const { base, names } = commonBase(mounts);
  const each = (command: string) => [`for dir in ${names.map(quoteWord).join(' ')}; do`, `  ${command}`, 'done'];
  const inGroup = (file: string) => `"$dir"${quoteWord(`${group}${file}`)}`;
  return [
    '#!/bin/sh -e',
    ...(base === '' ? [] : [`cd ${quoteWord(base)}`]),
    '',
    '# The group, in every hierarchy.',
    ...each(`mkdir -p ${inGroup('')}`),
    ...cpusetLines(group, mounts),
    ...limitLines(request, group, mounts),
    '',
    '# This shell joins it, and so does all that it starts.',
    ...each(`echo $$ > ${inGroup('/cgroup.procs')}`),
    ...networkLines(request),
    '',
    ...runLines(request),
    '',
  ].join('\n');
}

function cpusetLines(group: string, mounts: Mounts): string[] {
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
    return `echo ${typeof value === 'number' && file.endsWith('_in_bytes') ? sizeInput(value) : quoteWord(String(value))} > ${to}`;
  });
  return lines.length === 0 ? [] : ['', '# Its limits, before anything runs in it.', ...lines];
}
