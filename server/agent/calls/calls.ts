// Maps every call to the operation that answers it.
import type { GroupView } from '../../contract/answers.ts';
import { describeNamespaces } from '../act/namespace-view.ts';
import { describeProcesses } from '../act/process-table.ts';
import { onlineCpus } from '../kernel/cpus.ts';
import { inSlices } from '../kernel/slices.ts';
import type { CallParts, Handlers } from './call-parts.ts';
import { groupView } from './group-view.ts';
import { swapBytes } from './host.ts';
import { launchCalls } from './launch-calls.ts';
import { reportCalls } from './report-calls.ts';

/** Groups to list before other work gets its turn, as a group that no tick has read yet is read now. */
const GROUPS_PER_SLICE = 100;

export function calls(parts: CallParts): Handlers {
  const { devices, freezer, groups, guards, io, launches, limits, log, observer, operations, processes, reclaimer } = parts;
  return {
    host: () => ({ ...parts.host, ...onlineCpus(), missing: parts.missing(), swapBytes: swapBytes() }),
    groups: async () => {
      const views: GroupView[] = [];
      await inSlices(observer.tree.all(), GROUPS_PER_SLICE, ({ path }) => views.push(groupView(parts, path, false)));
      return { groups: views };
    },
    group: ({ path }) => {
      observer.follow(path);
      return groupView(parts, path, true);
    },
    createGroup: async ({ path, ...asked }, by) => {
      const { enabled, translated } = await groups.create(path, asked, by);
      return {
        ...groupView(parts, path, true),
        ...(enabled.length > 0 ? { also: [...enabled] } : {}),
        ...(Object.keys(translated).length > 0 ? { translated } : {}),
      };
    },
    removeGroup: (asked, by) => launches.alone(asked.path, () => groups.remove(asked, by)),
    files: ({ group }) => io.list(group),
    readFile: ({ path, file }) => io.view(path, file),
    writeFile: (asked, by) => limits.write(asked, by),
    reclaim: (asked, by) => reclaimer.reclaim(asked, by),
    freeze: (asked, by) => freezer.set(asked, 'frozen', by),
    thaw: (asked, by) => freezer.set(asked, 'thawed', by),
    kill: (asked, by) => operations.kill(asked, by),
    attach: (asked, by) => operations.attach(asked, by),
    processes: async ({ group, limit }) => {
      observer.follow(group);
      const pids = processes.members(group);
      return { processes: await describeProcesses(pids, limit), total: pids.length };
    },
    namespaces: async ({ group }) => ({ namespaces: await describeNamespaces(processes.members(group)) }),
    devices: ({ group }) => devices.view(group),
    setDevices: (asked, by) => devices.set(asked, by),
    ...launchCalls(parts),
    ...reportCalls(parts),
    guards: () => guards.view(),
    setGuard: (asked, by) => guards.set(asked, by),
    removeGuard: (asked, by) => guards.remove(asked, by),
    tryGuard: (asked) => guards.try(asked),
    holds: () => guards.holds(),
    decide: (asked, by) => guards.decide(asked, by),
    cancelReclaim: (asked, by) => guards.cancelReclaim(asked, by),
    outcome: ({ key }) => parts.done.outcome(key),
    events: (asked) => log.query(asked),
    history: ({ group: path, reading, ...query }) => {
      const group = io.group(path);
      return { group: path, inode: group.inode, series: observer.history(group.gid, { ...query, readings: reading }) };
    },
  };
}
