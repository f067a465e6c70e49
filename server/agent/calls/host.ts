// Describes the machine and this agent.
import { readFileSync } from 'node:fs';
import { hostname, release, totalmem } from 'node:os';
import { pageBytes } from '../../../native/libc/process.ts';
import type { Host } from '../../contract/answers.ts';
import { visibleMounts } from '../../mountinfo.ts';
import type { Settings } from '../../settings.ts';
import { onlineCpus } from '../kernel/cpus.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import { readMountinfo } from '../kernel/hierarchy/mounts.ts';
import { parseMeminfo } from '../observe/sample/host-sample.ts';

export interface HostFacts extends Pick<Host, 'version' | 'noNetwork'> {
  readonly layout: Layout;
  readonly settings: Pick<Settings, 'managedRoot' | 'control' | 'intervalMs'>;
}

/** The facts that do not change while the agent runs. */
export function describeHost({ layout, settings, ...facts }: HostFacts): Omit<Host, 'missing'> {
  return {
    ...facts,
    mode: layout.mode,
    hierarchies: layout.hierarchies.map(({ mountPoint, version, controllers }) => ({ mountPoint, version, controllers: [...controllers] })),
    ...(isProtectionRecursive(layout) ? { recursiveProtection: true } : {}),
    managedRoot: settings.managedRoot,
    control: settings.control,
    intervalMs: settings.intervalMs,
    ...onlineCpus(),
    host: hostname(),
    kernel: release(),
    memoryBytes: totalmem(),
    swapBytes: swapBytes(),
    pageBytes: pageBytes(),
    startedAt: Date.now(),
  };
}

/** cgroup-v2.rst, “Mounting”. */
function isProtectionRecursive({ unified }: Layout): boolean {
  return visibleMounts(readMountinfo()).some(
    ({ mountPoint, superOptions }) => mountPoint === unified?.mountPoint && superOptions.includes('memory_recursiveprot'),
  );
}

/** The machine's swap; 0 if there is none or /proc/meminfo is hidden. */
export function swapBytes(): number {
  try {
    return parseMeminfo(readFileSync('/proc/meminfo', 'latin1')).get('meminfo:SwapTotal') ?? 0;
  } catch {
    return 0;
  }
}
