// What launching needs of groups, put together from the tree, the control files and the processes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchRequest } from '../contract/launch.ts';
import type { GroupProcesses } from './control/processes.ts';
import type { GroupTree } from './hierarchy/group-tree.ts';
import type { Layout } from './hierarchy/layout.ts';
import type { LaunchGroups } from './launch/ports.ts';

const NS_PER_MS = 1e6;
const PEAK = 'memory.max_usage_in_bytes';
const CPU_TIME = 'cpuacct.usage';

export interface LaunchGroupsOptions {
  readonly layout: Layout;
  readonly tree: GroupTree;
  readonly processes: GroupProcesses;
  readonly make: (group: string, request: LaunchRequest, by: string) => Promise<Record<string, string>>;
  readonly remove: (group: string, by: string) => Promise<void>;
}

export function launchGroups({ layout, tree, processes, make, remove }: LaunchGroupsOptions): LaunchGroups {
  const place = (group: string, file: string) => layout.filePath(group, file, (hierarchy) => tree.get(group)?.in.has(hierarchy) ?? false);

  /** A number that the kernel says of a group; undefined where it is gone or has no such file. */
  function read(group: string, file: string): number | undefined {
    const path = place(group, file);
    if (path === undefined) return undefined;
    try {
      return Number(readFileSync(path, 'utf8'));
    } catch {
      return undefined;
    }
  }

  return {
    make,
    async discard(group, by) {
      // Somebody may have removed it while the launch failed, and that may be why it did.
      if (tree.refresh(group)) await remove(group, by);
    },
    exists: (group) => tree.get(group) !== undefined,
    procs: (group) => layout.hierarchies.map((hierarchy) => join(layout.dir(hierarchy, group), 'cgroup.procs')),
    empty: (group) => (tree.get(group) ? processes.killGroup(group) : Promise.resolve([])),
    async terminate(group, pid) {
      await processes.signal(pid, 'SIGTERM').catch(() => {
        // It has ended by itself meanwhile.
      });
      processes.thaw(group);
    },
    usage(group) {
      const cpuNs = read(group, CPU_TIME);
      const peakBytes = read(group, PEAK);
      return { ...(cpuNs === undefined ? {} : { cpuMs: cpuNs / NS_PER_MS }), ...(peakBytes === undefined ? {} : { peakBytes }) };
    },
    begin(group) {
      const path = place(group, PEAK);
      if (path === undefined) return;
      try {
        // Any write starts the high-water mark anew.
        writeFileSync(path, '0');
      } catch {
        // The group is going: so is its peak.
      }
    },
  };
}
