// Where an OOM kill was, from the paths in its lines: the victim's group, and the group whose limit was reached.
import { isWithin } from '../../../contract/paths.ts';
import { spell } from '../../../contract/spelling.ts';
import { BETWEEN, SUMMARY_LIMIT, SUMMARY_NODES, TASK_IN_BETWEEN } from './oom-spellings.ts';

/** Where a kill was, as far as it is known. */
export interface Place {
  /** The victim's group; undefined if the log, which limits its rate, left it out. */
  readonly group?: string;
  /** The group whose limit was reached, which may be known without the victim's own; "/" for the machine's memory. */
  readonly limitGroup?: string;
  /** Of the machine's memory, the nodes that had none left, where a cpuset or a memory policy allowed no others ("0-1,4"). */
  readonly nodes?: string;
}

/** The groups that exist, or did a moment ago: names that users chose may look like parts of a line. */
export interface KnownGroups {
  has(path: string): boolean;
  /** Whether there are groups below it. */
  isLeaf(path: string): boolean;
}

/** The victim's name is known from the kill line, which makes the end of the paths exact. */
export function placeInSummary(summary: string, pid: number, comm: string, groups: KnownGroups): Place | undefined {
  const tail = `,task=${comm},pid=${pid},uid=`;
  const end = summary.lastIndexOf(tail);
  const limit = SUMMARY_LIMIT.exec(summary);
  if (!limit || end < 0 || !/^-?\d+$/.test(summary.slice(end + tail.length))) return undefined;
  const paths = summary.slice(limit.index + limit[0].length, end);
  if (limit[1] === undefined) return split(paths, BETWEEN, groups, (limitGroup, group) => ({ group, limitGroup }));
  const [, policy, nodes = policy] = SUMMARY_NODES.exec(summary.slice(0, limit.index)) ?? [];
  const group = spell(paths);
  return { ...(groups.has(group) ? { group } : {}), limitGroup: '/', ...(nodes === undefined ? {} : { nodes }) };
}

/** @param line of TASK_IN */
export function placeInTaskLine(line: string, groups: KnownGroups): Place | undefined {
  return split(line.slice('Task in '.length), TASK_IN_BETWEEN, groups, (group, limitGroup) => ({ group, limitGroup }));
}

/** Splits two paths at a text that may also occur within them: takes the only split into two known groups, the victim's within the limit's. */
function split(
  paths: string,
  between: string,
  groups: KnownGroups,
  placeOf: (first: string, second: string) => Required<Pick<Place, 'group' | 'limitGroup'>>,
): Place | undefined {
  const found: Place[] = [];
  for (let at = paths.indexOf(`${between}/`); at >= 0; at = paths.indexOf(`${between}/`, at + 1)) {
    const place = placeOf(spell(paths.slice(0, at)), spell(paths.slice(at + between.length)));
    if (isWithin(place.group, place.limitGroup) && groups.has(place.group) && groups.has(place.limitGroup)) found.push(place);
  }
  return found.length === 1 ? found[0] : undefined;
}
