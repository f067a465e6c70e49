// What the kernel does not show from where the agent runs (proc(5), pid_namespaces(7), accounting/psi.rst), reported at the start: the rest works.
import { existsSync, readlinkSync } from 'node:fs';
import type { Layout } from './hierarchy/layout.ts';
import { textIfThere } from './text-if-there.ts';

/** PROC_PID_INIT_INO (include/linux/proc_ns.h): the machine's first pid namespace. */
const FIRST_NAMESPACE = 'pid:[4026531836]';

/** Whether /proc numbers processes as another pid namespace does: then it is unknown which groups contain cgdeck. */
export function isForeignProc(pid: number | undefined = process.pid): boolean {
  return linkOf('/proc/self') !== String(pid);
}

export function isInOwnPidNamespace(): boolean {
  return (linkOf('/proc/self/ns/pid') ?? FIRST_NAMESPACE) !== FIRST_NAMESPACE;
}

/** A sentence for each thing that is missing. */
export function hiddenSources({ unified }: Layout): string[] {
  const missing: string[] = [];
  if (isForeignProc())
    missing.push(
      '/proc belongs to another pid namespace than cgdeck, so that cgdeck cannot find its own groups: everything is shown, and nothing can be changed. Mount /proc again in this namespace (unshare --mount-proc, or mount -t proc proc /proc).',
    );
  else if (isInOwnPidNamespace())
    missing.push(
      'cgdeck runs in its own pid namespace, as in a container: processes outside of it are counted in their groups, but not listed, named or signalled. Start it in the pid namespace of the host to have them (docker run --pid=host).',
    );
  else if ((textIfThere('/proc/1/cgroup') ?? '') === '')
    missing.push(
      '/proc hides the processes of other users (hidepid): they are counted in their groups, but not named. Give cgdeck the group of the mount option gid=, or mount /proc with hidepid=0.',
    );
  if (!existsSync('/proc/sys') || !existsSync('/proc/meminfo'))
    missing.push(
      '/proc shows processes only (mounted with subset=pid): memory, swap, CPU time and network traffic of the machine are not shown. Mount it without subset=pid.',
    );
  // Before Linux 5.2 the groups have it, and the root does not.
  const measured = unified ? [`${unified.mountPoint}/memory.pressure`, '/proc/pressure/memory'] : [];
  if (unified && !measured.some((path) => textIfThere(path)?.startsWith('some ')))
    missing.push(
      'The kernel measures no pressure of groups of cgroup v2: it is neither shown nor reported. Start Linux 4.20 or newer, built with CONFIG_PSI, with psi=1.',
    );
  return missing;
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
