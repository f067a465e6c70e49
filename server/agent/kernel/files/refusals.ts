// Composes the problem for what the kernel refused: the file, what was asked, the kernel's answer, what to do.

import { findControlFile } from '../../../contract/control-files.ts';
import { type ProblemCode, ProblemError } from '../../../contract/problems.ts';
import { errnoOf } from '../errno.ts';
import { notADisk } from './disk-numbers.ts';

interface Advice {
  readonly code: ProblemCode;
  readonly advice: string;
}

const busy = (advice: string): Advice => ({ code: 'busy', advice });
const unsupported = (advice: string): Advice => ({ code: 'unsupported', advice });
const refused = (advice: string): Advice => ({ code: 'kernel_refused', advice });
const notFound = (advice: string): Advice => ({ code: 'not_found', advice });

/** For what has another reason on v2 than on v1. */
function unifiedAdvice(errno: string, file: string): Advice | undefined {
  switch (errno) {
    case 'EBUSY':
      if (file === 'cgroup.procs')
        return busy(
          'On cgroup v2 a group that enables controllers for the groups below it contains no processes itself: choose one of the groups below, or make one there for this process.',
        );
      if (file === 'cgroup.subtree_control')
        return busy(
          'On cgroup v2 a group that contains processes cannot enable controllers for the groups below it: move its processes to a group below first. A controller that a group below enables in turn cannot be disabled.',
        );
      return undefined;
    case 'EOPNOTSUPP':
      if (file === 'cgroup.procs' || file === 'cgroup.type' || file === 'cgroup.kill' || file === 'cgroup.subtree_control')
        return unsupported(
          'The group is threaded, or below a threaded group and not valid yet (see its cgroup.type): move and kill whole processes in the domain group above, threads with cgroup.threads.',
        );
      return undefined;
    case 'EAGAIN':
      if (file === 'memory.reclaim')
        return busy('The kernel reclaimed less than was asked for. Without swap, anonymous memory cannot be reclaimed.');
      return undefined;
    case 'ENOENT':
      if (file === 'cgroup.procs')
        return refused(
          'The process is, or would be, outside the cgroup namespace of cgdeck, and the hierarchy is mounted with nsdelegate: a process can be moved within the delegated groups, not into or out of them.',
        );
      if (file === 'cgroup.subtree_control')
        return refused('The controller is not enabled for this group: enable it in the group above first.');
      return notFound(
        'The group was removed, this kernel has no such file, or its controller is not enabled for the group: see cgroup.subtree_control of the group above.',
      );
    case 'EACCES':
    case 'EPERM':
      if (file === 'cgroup.procs')
        return refused(
          'To move a process, cgdeck must be allowed to write cgroup.procs of the new group, and of the nearest group above both the old and the new one (cgroup v2, “Delegation Containment”); where the hierarchy is mounted with nsdelegate, both must be in the cgroup namespace of cgdeck. A process can be moved within the delegated groups, not into or out of them.',
        );
      return refused('This group was not delegated to cgdeck, or the hierarchy is mounted read-only.');
    case 'ERANGE':
      if (file === 'io.max') return refused('0 is not accepted: write max for no limit.');
      return undefined;
    case 'EINVAL':
      if (file === 'cpu.max') return refused('The quota is at least 1000 µs, the period 1000 to 1000000 µs.');
      return undefined;
    default:
      return undefined;
  }
}

/** A threaded group, or one below it, has the files of threaded controllers only (cgroup-v2.rst, “Threads”). */
function threadedAdvice(errno: string, type: string | undefined): Advice | undefined {
  if (errno !== 'ENOENT' || (type !== 'threaded' && type !== 'domain invalid')) return undefined;
  return unsupported(
    `The group is ${type} (cgroup.type): it has limits of cpu, cpuset and pids where the group above enables those controllers; memory and io are limited in the domain group above, for all its threads together.`,
  );
}

const LIMIT_FILES = new Set(['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes']);

function adviceFor(errno: string, file: string): Advice {
  switch (errno) {
    case 'EBUSY':
      if (LIMIT_FILES.has(file))
        return busy(
          'The group uses more than that, and the kernel could not reclaim enough: set a limit above the usage, or end or move a process first.',
        );
      if (file === 'rmdir') return busy('It still contains processes or groups: remove those first, or remove it with kill.');
      return busy('The group is in use: see its processes and the groups below it.');
    case 'EINVAL':
      if (file === 'memory.limit_in_bytes')
        return refused('The value must be a size, and at most memory.memsw.limit_in_bytes: raise that first.');
      if (file === 'memory.memsw.limit_in_bytes')
        return refused('The limit of memory and swap must be at least memory.limit_in_bytes: lower that first.');
      if (file.startsWith('cpu.cfs_'))
        return refused(
          'The quota is at least 1000 µs, the period 1000 to 1000000 µs, and quota divided by period at most that of the group above.',
        );
      if (file === 'devices.deny' || file === 'devices.allow')
        return refused(
          'On cgroup v1 the rule "a" (all devices) can be written only while there are no groups below: remove those first. A rule for one device reads "c 1:3 rwm".',
        );
      return refused(outOfRange(file));
    case 'ERANGE':
      return refused(
        file.startsWith('cpuset.') ? 'The list contains a CPU or memory node that this machine does not have.' : outOfRange(file),
      );
    case 'ENODEV':
    case 'ENOENT':
      return notFound('The group or the file does not exist, or was removed.');
    case 'ENOSPC':
      return refused('A cpuset with processes needs CPUs and memory nodes: set cpuset.cpus and cpuset.mems first.');
    case 'EACCES':
    case 'EPERM':
      if (file === 'devices.allow')
        return refused(
          'On cgroup v1 a group can allow only what one rule of the group above allows: see devices.list there, and allow it there first.',
        );
      return refused('The group above does not allow it, or the file is not writable.');
    case 'ESRCH':
      return notFound('The process has ended.');
    case 'EROFS':
      return refused('The hierarchy is mounted read-only, as in a container.');
    case 'EAGAIN':
      return busy('The limit on the number or depth of groups is reached, or the kernel was busy: try again.');
    case 'EEXIST':
      return { code: 'conflict', advice: 'That name exists already.' };
    case 'EOPNOTSUPP':
      return unsupported('This kernel, or this type of group, does not support it.');
    case 'ENAMETOOLONG':
      return { code: 'invalid', advice: 'The name or path is too long for the kernel.' };
    default:
      return refused('See the file’s help for the values it accepts.');
  }
}

/** The registry has what each file refuses, with the setting that bounds it. */
function outOfRange(file: string): string {
  const { deprecated = 'The value is out of range or malformed.', refuses = 'See the file’s help.' } = findControlFile(file) ?? {};
  return `${deprecated} ${refuses}`;
}

/** They refuse for the group’s directory. */
const SYSTEM_CALLS = new Set(['mkdir', 'rmdir']);

export interface Refused {
  readonly group: string;
  /** The control file's name, or the system call where there is none. */
  readonly file: string;
  readonly asked?: string | undefined;
  /** Of the file's registry entry: an errno can mean something else on v2. */
  readonly version?: 1 | 2;
  /** The group's cgroup.type, which may be the reason. */
  readonly type?: string | undefined;
  readonly cause: unknown;
}

/** For a memory.max at which v2 would kill at once; it is written only if the user has agreed (mayKill). */
export function wouldKill(group: string, asked: string, usageBytes: number, staysBytes: number): ProblemError {
  return new ProblemError(
    'would_kill',
    `${group} uses ${usageBytes} bytes of memory, of which about ${staysBytes} cannot be reclaimed at once. With memory.max at ${asked}, cgroup v2 would kill processes of the group at once. Reclaim memory first (memory.reclaim), or slow the group down (memory.high). To write the limit all the same, set mayKill.`,
    { file: `${group}/memory.max`, asked },
  );
}

/** The problem document for a refusal by the kernel. @throws `cause`, if no system call raised it */
export function refusal({ group, file, asked, version, type, cause }: Refused): ProblemError {
  const errno = errnoOf(cause);
  if (errno === '') throw cause;
  const { code, advice } =
    (errno === 'ENODEV' && /^(blk)?io\./.test(file) ? refused(notADisk(asked ?? '')) : undefined) ??
    threadedAdvice(errno, type) ??
    (version === 2 ? unifiedAdvice(errno, file) : undefined) ??
    adviceFor(errno, file);
  const what = asked === undefined ? file : `writing "${asked}" to ${file}`;
  return new ProblemError(code, `The kernel answered ${errno} to ${what} of ${group}. ${advice}`, {
    errno,
    file: SYSTEM_CALLS.has(file) ? group : `${group}/${file}`,
    asked,
    cause,
  });
}
