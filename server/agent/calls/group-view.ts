// A group as answers show it: its readings, state, binding limits, and the programs launched in it.
import type { GroupView } from '../../contract/answers.ts';
import { versionOf } from '../../contract/controller.ts';
import { effectiveLimit, groupState, inheritedLimits } from '../../contract/derive.ts';
import { shown } from '../launch/launch-records.ts';
import type { CallParts } from './call-parts.ts';

/** @param now whether to read its files now, instead of taking the last tick's readings. @throws ProblemError not_found */
export function groupView({ layout, io, observer, launches }: CallParts, path: string, now: boolean): GroupView {
  const { entry, readings, ageMs } = observer.view(io.group(path), now);
  const readingsOf = (ancestor: string) => (ancestor === path ? readings : observer.readings(ancestor));
  const { main, joined = [] } = launches.records.get(path) ?? {};
  const limits = inheritedLimits(versionOf('memory', layout.hierarchies) ?? 1);
  return {
    path,
    inode: entry.inode,
    managed: entry.managed,
    self: entry.self,
    controllers: [...entry.controllers],
    state: groupState(readings),
    readings,
    ageMs,
    effective: Object.fromEntries(limits.map((file) => [file, effectiveLimit(path, file, readingsOf)])),
    processes: Number(readings['cgroup.procs'] ?? 0),
    ...(main ? { launched: shown(main), joined: joined.map(shown) } : {}),
  };
}
