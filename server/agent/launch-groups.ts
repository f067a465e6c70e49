// What launching needs of groups, put together from the tree, the control files and the processes.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchRequest } from '../contract/launch.ts';
import type { GroupProcesses } from './act/processes.ts';
import type { GroupTree } from './kernel/hierarchy/group-tree.ts';
import type { Layout } from './kernel/hierarchy/layout.ts';
import type { LaunchGroups, MadeGroup } from './launch/ports.ts';

const NS_PER_MS = 1e6;
const USEC_PER_MS = 1e3;
const V1_PEAK = 'memory.max_usage_in_bytes';
const V2_PEAK = 'memory.peak';
const V1_CPU_TIME = 'cpuacct.usage';
const V2_CPU_TIME = 'cpu.stat';

export interface LaunchGroupsOptions {
  readonly layout: Layout;
  readonly tree: GroupTree;
  readonly processes: GroupProcesses;
  readonly make: (group: string, request: LaunchRequest, by: string) => Promise<MadeGroup>;
  readonly remove: (group: string, by: string) => Promise<void>;
}

export function launchGroups({ layout, tree, processes, make, remove }: LaunchGroupsOptions): LaunchGroups {
  const place = (group: string, file: string) => layout.filePath(group, file, (hierarchy) => tree.get(group)?.in.has(hierarchy) ?? false);

  /** A number that the kernel says of a group; undefined where it is gone or has no such file. */
  function read(group: string, file: string): number | undefined {
    const found = text(group, file);
    return found === undefined ? undefined : Number(found);
  }

  function text(group: string, file: string): string | undefined {
    const path = place(group, file);
    if (path === undefined) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  }

  function cpuMs(group: string): number | undefined {
    const ns = read(group, V1_CPU_TIME);
    if (ns !== undefined) return ns / NS_PER_MS;
    const usec = /^usage_usec (\d+)$/m.exec(text(group, V2_CPU_TIME) ?? '')?.[1];
    return usec === undefined ? undefined : Number(usec) / USEC_PER_MS;
  }

  return {
    make,
    async discard(group, by) {
      // Somebody may have removed it while the launch failed, and that may be why it did.
      if (tree.refresh(group)) await remove(group, by);
    },
    exists: (group) => tree.get(group) !== undefined,
    procs: (group) => [...(tree.get(group)?.in.keys() ?? [])].map((hierarchy) => join(layout.dir(hierarchy, group), 'cgroup.procs')),
    empty: (group) => (tree.get(group) ? processes.killGroup(group) : Promise.resolve([])),
    async terminate(group, pid) {
      processes.mustBeAbleToEnd(group);
      await processes.signal(pid, 'SIGTERM').catch(() => {
        // It has ended by itself meanwhile.
      });
      processes.thaw(group);
    },
    usage(group) {
      const usedMs = cpuMs(group);
      const peakBytes = read(group, V1_PEAK) ?? read(group, V2_PEAK);
      return { ...(usedMs === undefined ? {} : { cpuMs: usedMs }), ...(peakBytes === undefined ? {} : { peakBytes }) };
    },
    begin(group) {
      // v2's peak starts anew only for the descriptor that wrote, and not at all before Linux 6.12: there, it is the group's since it was made.
      const path = place(group, V1_PEAK);
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
