// Every call and what answers it.
import { describeNamespaces } from '../act/namespace-view.ts';
import { describeProcess } from '../act/process-table.ts';
import type { CallParts, Handlers } from './call-parts.ts';
import { groupView } from './group-view.ts';
import { swapBytes } from './host.ts';
import { launchCalls } from './launch-calls.ts';

export function calls(parts: CallParts): Handlers {
  const { devices, freezer, groups, io, limits, log, observer, operations, processes, reclaimer } = parts;
  return {
    host: () => ({ ...parts.host, missing: parts.missing(), swapBytes: swapBytes() }),
    groups: () => ({ groups: [...observer.tree.all()].map(({ path }) => groupView(parts, path, false)) }),
    group: ({ path }) => groupView(parts, path, true),
    createGroup: async ({ path, ...asked }, by) => {
      const { enabled, translated } = await groups.create(path, asked, by);
      return {
        ...groupView(parts, path, true),
        ...(enabled.length > 0 ? { also: [...enabled] } : {}),
        ...(Object.keys(translated).length > 0 ? { translated } : {}),
      };
    },
    removeGroup: ({ path, kill }, by) => groups.remove(path, kill, by),
    readFile: ({ path, file }) => io.view(path, file),
    writeFile: (asked, by) => limits.write(asked, by),
    reclaim: (asked, by) => reclaimer.reclaim(asked, by),
    freeze: ({ group }, by) => freezer.set(group, 'frozen', by),
    thaw: ({ group }, by) => freezer.set(group, 'thawed', by),
    kill: (asked, by) => operations.kill(asked, by),
    attach: (asked, by) => operations.attach(asked, by),
    processes: ({ group }) => ({ processes: processes.members(group).flatMap((pid) => describeProcess(pid) ?? []) }),
    namespaces: ({ group }) => ({ namespaces: describeNamespaces(processes.members(group)) }),
    devices: ({ group }) => devices.view(group),
    setDevices: ({ group, rules }, by) => devices.set(group, rules, by),
    ...launchCalls(parts),
    events: (asked) => log.query(asked),
    history: ({ group: path, reading, ...query }) => {
      const group = io.group(path);
      return { group: path, inode: group.inode, series: observer.history(group.gid, { ...query, readings: reading }) };
    },
  };
}
