// The end of the script: namespaces, files, privileges, and the program itself.
import type { LaunchRequest } from '../../server/contract/launch.ts';
import { type NamespaceKind, networkOf } from '../../server/contract/launch-options.ts';
import { joinArgv, quoteWord } from './argv.ts';
import { fileSteps } from './script-files.ts';
import { netnsOf } from './script-network.ts';

/** Root in a user namespace is an unprivileged id outside; without one the program runs with that id. */
const HOST_ID = 100_000;
/** time_namespaces(7): an offset that sets the clocks back to zero since boot. */
const SINCE_BOOT = '"-$(cut -d. -f1 /proc/uptime)"';

const UNSHARE: Record<NamespaceKind, string> = {
  user: `--user --setuid 0 --setgid 0 --map-users=0:${HOST_ID}:65536 --map-groups=0:${HOST_ID}:65536`,
  pid: '--pid --fork',
  mnt: '--mount',
  uts: '--uts',
  ipc: '--ipc',
  net: '--net',
  cgroup: '--cgroup',
  time: `--time --monotonic=${SINCE_BOOT} --boottime=${SINCE_BOOT}`,
};

export function runLines(request: LaunchRequest): string[] {
  const { namespaces } = request;
  const routed = networkOf(request) === 'routed';
  const { outside, inside, root } = fileSteps(request, HOST_ID);
  // A routed network has a namespace already: it is entered, not created.
  const flags = namespaces.filter((kind) => !(routed && kind === 'net')).map((kind) => UNSHARE[kind]);
  if (namespaces.includes('pid') && namespaces.includes('mnt') && root === undefined) flags.push('--mount-proc');
  const shell = `sh -ec ${quoteWord([...inside, ...programLines(request, root)].join('\n'))}`;
  const enter = routed ? `ip netns exec ${quoteWord(netnsOf(request.name))} ` : '';
  return [
    ...outside,
    `# The program, in its namespaces and ${request.capabilities.length === 0 ? 'without privileges' : 'with few privileges'}.`,
    ...withoutCommand(notInAScript(request)),
    ...(flags.length === 0 ? [`exec ${enter}${shell}`] : [`exec ${enter}unshare ${flags.join(' ')} \\`, `  ${shell}`]),
  ];
}

function withoutCommand(what: readonly string[]): string[] {
  return what.length === 0 ? [] : [`# What a shell script cannot do: cgdeck ${what.join(', ')}.`];
}

/** What has no command, in words. */
function notInAScript({ seccomp, init, namespaces, tty, restart, graceMs }: LaunchRequest): string[] {
  return [
    ...(seccomp === 'default' ? ['filters its system calls (seccomp)'] : []),
    ...(init && namespaces.includes('pid') ? ['runs a small init as pid 1'] : []),
    ...(tty ? ['gives it a terminal'] : []),
    ...(restart.policy === 'never' ? [] : [`restarts it ${restart.policy === 'always' ? 'whenever it ends' : 'when it fails'}`]),
    ...(graceMs === 0 ? [] : [`waits ${graceMs / 1000} s between SIGTERM and SIGKILL when it is stopped`]),
  ];
}

function programLines(request: LaunchRequest, root: string | undefined): string[] {
  const { namespaces, hostname, cwd, env, argv, umask, oomScoreAdj, nice, rlimits } = request;
  const variables = Object.entries(env ?? {}).map(([name, value]) => ` ${quoteWord(`${name}=${value}`)}`);
  const limits = Object.entries(rlimits).map(([name, { soft, hard }]) => ` --${name}=${rlimitWord(soft)}:${rlimitWord(hard)}`);
  return [
    ...(hostname === undefined ? [] : [`hostname ${quoteWord(hostname)}`]),
    ...(networkOf(request) === 'none' ? ['ip link set lo up'] : []),
    ...(oomScoreAdj === undefined ? [] : [`echo ${oomScoreAdj} > /proc/self/oom_score_adj`]),
    ...(umask === undefined ? [] : [`umask ${umask}`]),
    ...(root === undefined ? [`cd ${quoteWord(cwd ?? '/')}`] : []),
    `exec env -i PATH="$PATH" HOME=${homeIn(request)} LANG=C.UTF-8${variables.join('')} \\`,
    ...(root === undefined ? [] : [`  chroot ${root} \\`]),
    ...(root !== undefined && cwd !== undefined ? [`  env -C ${quoteWord(cwd)} \\`] : []),
    ...(limits.length === 0 ? [] : [`  prlimit${limits.join('')} \\`]),
    ...(nice === undefined ? [] : [`  nice -n ${nice} \\`]),
    `  setpriv${privileges(request, namespaces.includes('user'))} \\`,
    `  ${joinArgv(argv)}`,
  ];
}

/** As the launcher chooses it. */
function homeIn({ namespaces, overlay, rootfsWritable }: LaunchRequest): string {
  if (!namespaces.includes('mnt')) return '/';
  return (overlay || rootfsWritable) && namespaces.includes('user') ? '/root' : '/run/home';
}

function rlimitWord(value: number | 'max'): string {
  return value === 'max' ? 'unlimited' : String(value);
}

/** A user without an entry has no groups to initialise; its own group usually has its name. */
function accountWords(user: string, group: string | undefined): string {
  const groups = /^\d+$/.test(user) ? '--clear-groups' : '--init-groups';
  return ` --reuid=${quoteWord(user)} --regid=${quoteWord(group ?? user)} ${groups}`;
}

/** setpriv(1): a kept capability must be in the bounding, inheritable and ambient sets to survive exec. */
function privileges({ noNewPrivileges, capabilities, user, group }: LaunchRequest, ownUsers: boolean): string {
  const kept = capabilities.map((name) => `,+${name.slice('CAP_'.length).toLowerCase()}`).join('');
  return [
    ...(noNewPrivileges ? [' --no-new-privs'] : []),
    ` --bounding-set=-all${kept} --inh-caps=-all${kept}`,
    ...(kept === '' ? [] : [` --ambient-caps=-all${kept}`]),
    ...(user === undefined && group === undefined ? [] : [accountWords(user ?? '0', group)]),
    ...(ownUsers ? [] : [` --reuid=${HOST_ID} --regid=${HOST_ID} --clear-groups`]),
  ].join('');
}
