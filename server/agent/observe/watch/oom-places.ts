// Where an OOM kill was, from the paths in its lines: the victim's group, and the group whose limit was reached.
import { isWithin } from '../../../contract/paths.ts';
import { spell } from '../../../contract/spelling.ts';
import { BETWEEN, SUMMARY_LIMIT, SUMMARY_NODES, SUMMARY_TASK, TASK_IN_BETWEEN, TASK_IN_HOST } from './oom-spellings.ts';

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

/**
 * @param comm the name in the kill line. It is mostly that in the summary too, which makes the end of the paths exact; where it is that of
 * another thread, the paths are known if only one end gives known groups.
 */
export function placeInSummary(summary: string, comm: string, groups: KnownGroups): Place | undefined {
  const limit = SUMMARY_LIMIT.exec(summary);
  const from = limit ? limit.index + limit[0].length : 0;
  const tasks = [...summary.slice(from).matchAll(SUMMARY_TASK)];
  const exact = tasks.filter(([, name]) => name === comm);
  const texts = (exact.length > 0 ? exact : tasks).map(({ index }) => summary.slice(from, from + index));
  if (!limit) {
    // Without CONFIG_MEMCG no groups follow.
    const nodes = onlyOne(texts.flatMap(nodesIn));
    return nodes === undefined ? undefined : { limitGroup: '/', nodes };
  }
  if (limit[1] === undefined) return split(texts, BETWEEN, groups, (limitGroup, group) => ({ group, limitGroup }));
  const [nodes] = nodesIn(summary.slice(0, limit.index));
  const group = onlyOne(texts.filter((path) => isKnown(path, groups)).map(spell));
  return { ...(group === undefined ? {} : { group }), limitGroup: '/', ...(nodes === undefined ? {} : { nodes }) };
}

/** @param line of TASK_IN */
export function placeInTaskLine(line: string, groups: KnownGroups): Place | undefined {
  const paths = line.slice('Task in '.length);
  const ofLimit = split([paths], TASK_IN_BETWEEN, groups, (group, limitGroup) => ({ group, limitGroup }));
  if (!paths.endsWith(TASK_IN_HOST)) return ofLimit;
  // A limit's path may end like that.
  const group = paths.slice(0, -TASK_IN_HOST.length);
  if (!isKnown(group, groups)) return ofLimit ?? (group.includes(TASK_IN_BETWEEN) ? undefined : { limitGroup: '/' });
  return ofLimit ? undefined : { group: spell(group), limitGroup: '/' };
}

/** The kernel cuts a path that does not fit into one record of its log, at 975 to 1,023 bytes, and what is left may be the path of another group. */
const CUT_BYTES = 975;

/** @param path one character a byte (latin1) */
export function isKnown(path: string, groups: KnownGroups): boolean {
  return path.length < CUT_BYTES && groups.has(spell(path));
}

function nodesIn(text: string): string[] {
  const [, policy, nodes = policy] = SUMMARY_NODES.exec(text) ?? [];
  return nodes === undefined ? [] : [nodes];
}

function onlyOne<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}

/**
 * Two paths with a text between that may also occur within them, the victim's within the limit's. Where its own group is gone, that of the
 * limit is known only if there is one way to split.
 */
function split(
  texts: readonly string[],
  between: string,
  groups: KnownGroups,
  placeOf: (first: string, second: string) => { readonly group: string; readonly limitGroup: string },
): Place | undefined {
  const found = texts
    .flatMap((paths) =>
      [...paths.matchAll(new RegExp(`${between}(?=/)`, 'g'))].map(({ index }) =>
        placeOf(paths.slice(0, index), paths.slice(index + between.length)),
      ),
    )
    .filter(({ group, limitGroup }) => isWithin(spell(group), spell(limitGroup)));
  const known = found.filter(({ limitGroup }) => isKnown(limitGroup, groups));
  const both = onlyOne(known.filter(({ group }) => isKnown(group, groups)));
  if (both) return { group: spell(both.group), limitGroup: spell(both.limitGroup) };
  return found.length === 1 && known[0] ? { limitGroup: spell(known[0].limitGroup) } : undefined;
}
