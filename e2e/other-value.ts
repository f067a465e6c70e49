// For every writable control file: a new value that it accepts, the kernel's text for it, and how to restore the old one.
import type { ControlFile } from '../server/contract/control-files.ts';

/** Files with their own API calls, which other tests try: a write through /files is refused. */
export const BY_OTHER_CALLS: ReadonlySet<string> = new Set([
  ...['cgroup.procs', 'tasks', 'cgroup.threads', 'cgroup.kill', 'freezer.state', 'cgroup.freeze', 'memory.reclaim'],
  ...['memory.pressure', 'cpu.pressure', 'io.pressure', 'irq.pressure', 'cgroup.event_control', 'release_agent'],
]);

/** Files without such a value, or with one that cannot be undone, and why. */
export const WITHOUT_OTHER_VALUE: ReadonlyMap<string, string> = new Map([
  ['memory.pressure_level', 'cannot be written: it is named in cgroup.event_control'],
  ['cgroup.type', 'a group that is threaded stays so: agent-tree.guest.test.ts makes one'],
  ['rdma.max', 'needs a device that the machine lacks'],
  ['misc.max', 'needs a resource that the machine lacks'],
]);

export interface OtherValue {
  readonly asked: string;
  /** The file's text then; the written one, if left out. */
  readonly reads?: string;
  /** Restores the old value; left out where that is impossible, as for a counter that was reset. */
  readonly back?: string;
}

export interface Machine {
  /** "major:minor" of a disk that can be limited. */
  readonly disk: string;
  /** A controller that a group of the unified tree can enable; empty where v1 has them all. */
  readonly controller: string;
}

const V1_NO_LIMIT = '9223372036854771712';
const GIB = 2 ** 30;

/** Files whose format does not show what they accept. */
function particular(name: string, before: string, { disk, controller }: Machine): OtherValue | undefined {
  switch (name) {
    case 'memory.oom_control':
      return { asked: '1', reads: before.replace('oom_kill_disable 0', 'oom_kill_disable 1'), back: '0' };
    case 'memory.force_empty':
      return { asked: '0' };
    case 'blkio.reset_stats':
      return { asked: '1' };
    // On some kernels they accept only their own value; exclusive sets need an exclusive parent.
    case 'memory.move_charge_at_immigrate':
    case 'memory.use_hierarchy':
    case 'memory.kmem.limit_in_bytes':
    case 'cpuset.cpu_exclusive':
    case 'cpuset.mem_exclusive':
    // The groups above would need real-time runtime to share.
    case 'cpu.rt_runtime_us':
      return { asked: before === V1_NO_LIMIT ? 'max' : before, reads: before };
    case 'cpu.cfs_quota_us':
      return { asked: '50000', back: '-1' };
    case 'cpuset.sched_relax_domain_level':
      return { asked: '0', back: '-1' };
    case 'cpuset.cpus.partition':
      return { asked: 'member', back: 'member' };
    case 'devices.allow':
    case 'devices.deny':
      return { asked: 'c 1:3 rwm' };
    case 'cgroup.subtree_control':
      return { asked: `+${controller}`, reads: controller, back: `-${controller}` };
    case 'io.max':
      return { asked: `${disk} wbps=1M`, reads: `${disk} rbps=max wbps=1048576 riops=max wiops=max`, back: `${disk} wbps=max` };
    case 'io.latency':
      return { asked: `${disk} target=1000`, back: `${disk} target=0` };
    case 'io.weight':
    case 'io.bfq.weight':
    case 'blkio.bfq.weight_device':
      return { asked: 'default 200', back: before };
    case 'blkio.bfq.weight':
      return { asked: '200', back: before };
    case 'io.prio.class':
      return { asked: 'restrict-to-be', back: before };
    default:
      return name.startsWith('blkio.throttle.') ? { asked: `${disk} 1048576`, back: `${disk} 0` } : undefined;
  }
}

export function otherValue(file: ControlFile, before: string, machine: Machine): OtherValue {
  const of = particular(file.name, before, machine) ?? byKind(file, before);
  if (of === undefined) throw new Error(`Which value does ${file.name} accept instead of "${before}"? Add it to other-value.ts.`);
  return of;
}

function byKind(file: ControlFile, before: string): OtherValue | undefined {
  if (file.kind === 'gauge' || file.kind === 'counter') return { asked: '0' };
  if (file.kind === 'switch') return { asked: before === '0' ? '1' : '0', back: before };
  if (file.unit === 'bytes') return size(file, before);
  switch (file.format) {
    case 'integer-or-max':
      return { asked: '100', back: before };
    case 'integer':
      return { asked: String(Number(before) + 1), back: before };
    case 'decimal-or-max':
      return { asked: '12.50', back: before };
    case 'quota-period':
      return { asked: '50000', reads: '50000 100000', back: before };
    case 'ranges':
      return { asked: before === '0' ? '' : '0', back: before };
    default:
      return undefined;
  }
}

/** Whole pages of every size. */
function size({ controller }: ControlFile, before: string): OtherValue {
  const bytes = controller === 'hugetlb' ? 2 * GIB : GIB / 16;
  return { asked: `${bytes / 2 ** 20}M`, reads: String(bytes), back: before === V1_NO_LIMIT ? 'max' : before };
}
