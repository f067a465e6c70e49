// For every control file that can be written: a value that it takes and does not have yet, how the kernel shows it, and how it is put back.
import type { ControlFile } from '../server/contract/control-files.ts';

/** Files that have calls of their own, which other tests try: a write through /files is refused. */
export const BY_OTHER_CALLS: ReadonlySet<string> = new Set([
  ...['cgroup.procs', 'tasks', 'cgroup.threads', 'cgroup.kill', 'freezer.state', 'cgroup.freeze', 'memory.reclaim'],
  ...['memory.pressure', 'cpu.pressure', 'io.pressure', 'irq.pressure', 'cgroup.event_control', 'release_agent'],
]);

/** Files for which there is no such value, or none that can be put back, and why. */
export const WITHOUT_OTHER_VALUE: ReadonlyMap<string, string> = new Map([
  ['memory.pressure_level', 'takes no write at all: it is named in cgroup.event_control'],
  ['cgroup.type', 'a group that is threaded stays so: agent-tree.guest.test.ts makes one'],
  ['rdma.max', 'wants a device that the machine lacks'],
  ['misc.max', 'wants a resource that the machine lacks'],
]);

export interface OtherValue {
  readonly asked: string;
  /** As the file reads then; as it was asked for, if not said. */
  readonly reads?: string;
  /** What brings back what was there; left out where it cannot be brought back, as of a counter that was reset. */
  readonly back?: string;
}

export interface Machine {
  /** "major:minor" of a disk that can be limited. */
  readonly disk: string;
  /** One that a group of the unified tree can hand down; empty where v1 has them all. */
  readonly controller: string;
}

const V1_NO_LIMIT = '9223372036854771712';
const GIB = 2 ** 30;

/** The files whose format does not say what they take. */
function particular(name: string, before: string, { disk, controller }: Machine): OtherValue | undefined {
  switch (name) {
    case 'memory.oom_control':
      return { asked: '1', reads: before.replace('oom_kill_disable 0', 'oom_kill_disable 1'), back: '0' };
    case 'memory.force_empty':
      return { asked: '0' };
    case 'blkio.reset_stats':
      return { asked: '1' };
    // They take what they have, and nothing else on some kernels; exclusive sets need an exclusive parent.
    case 'memory.move_charge_at_immigrate':
    case 'memory.use_hierarchy':
    case 'memory.kmem.limit_in_bytes':
    case 'cpuset.cpu_exclusive':
    case 'cpuset.mem_exclusive':
    // The groups above would have to have real-time runtime to give.
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
  if (of === undefined) throw new Error(`Which value does ${file.name} take instead of "${before}"? Say it in other-value.ts.`);
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
