// The one place that composes sentences for what the kernel refused: which file, what was asked, what it answered, what to do.

import { findControlFile } from '../../../contract/control-files.ts';
import { type ProblemCode, ProblemError } from '../../../contract/problems.ts';
import { errnoOf } from '../errno.ts';

interface Advice {
  readonly code: ProblemCode;
  readonly advice: string;
}

/** Why a v2 group cannot do as it is told: the tree has rules that v1 does not have. */
function unifiedAdvice(errno: string, file: string): Advice | undefined {
  switch (errno) {
    case 'EBUSY':
      if (file === 'cgroup.procs')
        return {
          code: 'busy',
          advice:
            'On cgroup v2 a group that hands controllers to groups below it holds no processes itself: choose one of the groups below it, or make a leaf there for this process.',
        };
      if (file === 'cgroup.subtree_control')
        return {
          code: 'busy',
          advice:
            'On cgroup v2 a group that holds processes cannot hand controllers to groups below it: move its processes into a leaf below it first. A controller that a group below has enabled in turn cannot be taken away.',
        };
      return undefined;
    case 'EOPNOTSUPP':
      if (file === 'cgroup.procs' || file === 'cgroup.type' || file === 'cgroup.kill' || file === 'cgroup.subtree_control')
        return {
          code: 'unsupported',
          advice:
            'The group is threaded, or lies below a threaded one and is not valid yet (see its cgroup.type): whole processes are moved and killed in the domain group above, threads by cgroup.threads.',
        };
      return undefined;
    case 'EAGAIN':
      if (file === 'memory.reclaim')
        return {
          code: 'busy',
          advice: 'Less could be reclaimed than was asked for; what was reclaimed stays so. Without swap, anonymous memory cannot be.',
        };
      return undefined;
    case 'ENOENT':
      if (file === 'cgroup.procs')
        return {
          code: 'kernel_refused',
          advice:
            'The process comes from, or would go, outside of the cgroup namespace of cgdeck, and the tree is mounted with nsdelegate: a process can be moved within what was delegated, not into or out of it.',
        };
      if (file === 'cgroup.subtree_control')
        return { code: 'kernel_refused', advice: 'The controller is not handed down to this group: enable it in the group above first.' };
      return {
        code: 'not_found',
        advice:
          'The group is gone, this kernel has no such file, or its controller is not enabled for the group: see cgroup.subtree_control of the group above.',
      };
    case 'EACCES':
    case 'EPERM':
      if (file === 'cgroup.procs')
        return {
          code: 'kernel_refused',
          advice:
            'Moving a process needs the right to write cgroup.procs of the group it enters, and of the nearest group above both that one and the one it leaves (cgroup v2, “Delegation Containment”); where the tree is mounted with nsdelegate, both have to lie in the cgroup namespace of cgdeck as well. A process can be moved within what was delegated, not into or out of it.',
        };
      return { code: 'kernel_refused', advice: 'This part of the tree was not delegated to cgdeck, or is mounted read-only.' };
    case 'ERANGE':
      if (file === 'io.max') return { code: 'kernel_refused', advice: 'A limit of 0 is none: write max to lift it.' };
      return undefined;
    case 'EINVAL':
      if (file === 'cpu.max') return { code: 'kernel_refused', advice: 'The quota is at least 1000 µs, the period 1000 to 1000000 µs.' };
      return undefined;
    case 'ENODEV':
      return file.startsWith('io.') ? { code: 'kernel_refused', advice: 'There is no such disk: name it as major:minor.' } : undefined;
    default:
      return undefined;
  }
}

/** A group that is threaded, or lies below one that is, has files of threaded controllers only (cgroup-v2.rst, “Threads”). */
function threadedAdvice(errno: string, type: string | undefined): Advice | undefined {
  if (errno !== 'ENOENT' || (type !== 'threaded' && type !== 'domain invalid')) return undefined;
  return {
    code: 'unsupported',
    advice: `The group is ${type} (cgroup.type): cpu, cpuset and pids can be limited there where the group above hands them down, memory and io only in the domain group above, for all of its threads together.`,
  };
}

const LIMIT_FILES = new Set(['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes']);

function adviceFor(errno: string, file: string): Advice {
  switch (errno) {
    case 'EBUSY':
      if (LIMIT_FILES.has(file))
        return {
          code: 'busy',
          advice:
            'The group holds more than that and the kernel could not reclaim enough: ask for more than its present usage, or end or move a process first.',
        };
      if (file === 'rmdir')
        return { code: 'busy', advice: 'It still holds processes or groups: remove those first, or remove it with kill.' };
      return { code: 'busy', advice: 'Something in the group still uses it: see which processes or groups are inside.' };
    case 'EINVAL':
      if (file === 'memory.limit_in_bytes')
        return {
          code: 'kernel_refused',
          advice: 'The hard limit may not exceed memory.memsw.limit_in_bytes, and must be a size: raise memsw first.',
        };
      if (file === 'memory.memsw.limit_in_bytes')
        return { code: 'kernel_refused', advice: 'The memory and swap limit may not be under memory.limit_in_bytes: lower that first.' };
      if (file.startsWith('cpu.cfs_'))
        return {
          code: 'kernel_refused',
          advice: 'The quota is at least 1000 µs, the period 1000 to 1000000 µs, and quota to period may not exceed the parent’s.',
        };
      if (file === 'devices.deny' || file === 'devices.allow')
        return {
          code: 'kernel_refused',
          advice:
            'On cgroup v1 a group that allows everything is changed to a list, or back, only while it has no groups below it: remove those first. A single rule reads "c 1:3 rwm".',
        };
      return { code: 'kernel_refused', advice: outOfRange(file) };
    case 'ERANGE':
      return {
        code: 'kernel_refused',
        advice: file.startsWith('cpuset.')
          ? 'The list names a CPU or node that this machine does not have.'
          : 'The value is out of the file’s range.',
      };
    case 'ENOENT':
    case 'ENODEV':
      if (file.startsWith('blkio.')) return { code: 'kernel_refused', advice: 'There is no such disk: name it as major:minor.' };
      return { code: 'not_found', advice: 'The group or the file is not there (any more).' };
    case 'ENOSPC':
      return {
        code: 'kernel_refused',
        advice: 'The cpuset of the group is empty, or would be with processes inside: give it CPUs and memory nodes first.',
      };
    case 'EACCES':
    case 'EPERM':
      if (file === 'devices.allow')
        return {
          code: 'kernel_refused',
          advice:
            'On cgroup v1 a group may allow only what the group above it allows, by a rule that covers it whole: see devices.list there, and allow it there first.',
        };
      return { code: 'kernel_refused', advice: 'The parent group does not allow it, or the file cannot be written.' };
    case 'ESRCH':
      return { code: 'not_found', advice: 'The process has ended.' };
    case 'EROFS':
      return { code: 'kernel_refused', advice: 'The hierarchy is mounted read-only, as in a container.' };
    case 'EAGAIN':
      return { code: 'busy', advice: 'A limit on the number or depth of groups was reached, or the kernel could not do it just now.' };
    case 'EEXIST':
      return { code: 'conflict', advice: 'There is something of that name already.' };
    case 'EOPNOTSUPP':
      return { code: 'unsupported', advice: 'This kernel, or this kind of group, does not support it.' };
    case 'ENAMETOOLONG':
      return { code: 'invalid', advice: 'The name or path is too long for the kernel.' };
    default:
      return { code: 'kernel_refused', advice: 'See the file’s help for what it takes.' };
  }
}

/** A file that the kernel keeps for show takes one value only, and why is what there is to say. */
function outOfRange(file: string): string {
  const known = findControlFile(file);
  return known?.deprecated === undefined || known.refuses === undefined
    ? 'The value is out of range or of another form than the file takes: see the file’s help.'
    : `${known.deprecated} ${known.refuses}`;
}

export interface Refused {
  readonly group: string;
  /** The control file's name, or the system call where there is none (mkdir, rmdir, kill). */
  readonly file: string;
  readonly asked?: string | undefined;
  /** Of the file's entry: the same errno may mean another thing on v2. */
  readonly version?: 1 | 2;
  /** What the group's cgroup.type says, where that may be why. */
  readonly type?: string | undefined;
  readonly cause: unknown;
}

/** What nobody was warned of is not done: on v1 the kernel itself would have refused it. */
export function wouldKill(group: string, asked: string, usageBytes: number, staysBytes: number): ProblemError {
  return new ProblemError(
    'would_kill',
    `${group} uses ${usageBytes} bytes of memory, of which about ${staysBytes} cannot be reclaimed at once, and ${asked} was asked for as its memory.max. cgroup v2 makes it fit at once, by killing processes of the group for what it cannot reclaim, where v1 answers EBUSY. Give memory back first (memory.reclaim) or slow the group down (memory.high); or say mayKill to have it done all the same.`,
    { file: `${group}/memory.max`, asked },
  );
}

/** The problem document for a refusal by the kernel. */
export function refusal({ group, file, asked, version, type, cause }: Refused): ProblemError {
  const errno = errnoOf(cause);
  // A bug of ours is not the kernel's refusal.
  if (errno === '') throw cause;
  const { code, advice } =
    threadedAdvice(errno, type) ?? (version === 2 ? unifiedAdvice(errno, file) : undefined) ?? adviceFor(errno, file);
  const what = asked === undefined ? file : `writing "${asked}" to ${file}`;
  return new ProblemError(code, `The kernel answered ${errno} to ${what} of ${group}. ${advice}`, {
    errno,
    file: `${group}/${file}`,
    asked,
    cause,
  });
}
