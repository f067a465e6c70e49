// The rows of the deck: groups as a tree or as a flat list, filtered, sorted and folded.
import { lineage, parentPath } from '../../server/contract/paths.ts';

export interface Row {
  readonly path: string;
  /** Its name within the parent; the whole path where the parent is not shown above it. */
  readonly name: string;
  readonly depth: number;
  readonly children: number;
  readonly folded: boolean;
  /** False for an ancestor that is shown only for a match below it. */
  readonly matches: boolean;
  /** Place among its siblings, from 1, and how many there are. */
  readonly place: number;
  readonly siblings: number;
}

export interface RowsAsked {
  /** The filter's words; all must occur in the path. Empty: everything. */
  readonly filter: string;
  /** A further condition, such as "is frozen". */
  readonly only?: ((path: string) => boolean) | undefined;
  readonly flat: boolean;
  readonly folded: ReadonlySet<string>;
  readonly compare: (a: string, b: string) => number;
}

/** Children by parent. A group whose parent is unknown goes under its nearest known ancestor. */
function childrenOf(paths: readonly string[]): Map<string, string[]> {
  const known = new Set(paths);
  const children = new Map<string, string[]>();
  for (const path of paths) {
    if (path === '/') continue;
    const parent = lineage(parentPath(path)).find((ancestor) => known.has(ancestor)) ?? '/';
    const siblings = children.get(parent);
    if (siblings) siblings.push(path);
    else children.set(parent, [path]);
  }
  return children;
}

function matcher({ filter, only }: RowsAsked): (path: string) => boolean {
  const words = filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return (path) => {
    const text = path.toLowerCase();
    return words.every((word) => text.includes(word)) && (only?.(path) ?? true);
  };
}

function nameUnder(path: string, parent: string): string {
  return parent === '/' ? path.slice(1) : path.slice(parent.length + 1);
}

export function deckRows(paths: readonly string[], asked: RowsAsked): Row[] {
  const matches = matcher(asked);
  const filtering = asked.filter.trim() !== '' || asked.only !== undefined;
  const rows: Row[] = [];
  if (asked.flat) {
    const wanted = paths.filter((path) => (path !== '/' || !filtering) && matches(path)).sort(asked.compare);
    const rest = { depth: 0, children: 0, folded: false, matches: true, siblings: wanted.length };
    return wanted.map((path, i) => ({ ...rest, path, name: path === '/' ? path : path.slice(1), place: i + 1 }));
  }
  const children = childrenOf(paths);
  const shown = new Set<string>();
  if (filtering) for (const path of paths) if (matches(path)) for (const at of lineage(path)) shown.add(at);
  const walk = (parent: string, depth: number) => {
    const siblings = (children.get(parent) ?? []).filter((path) => !filtering || shown.has(path)).sort(asked.compare);
    siblings.forEach((path, i) => {
      const below = children.get(path)?.filter((child) => !filtering || shown.has(child)).length ?? 0;
      // A match is never hidden in a fold.
      const folded = !filtering && asked.folded.has(path);
      rows.push({
        path,
        name: nameUnder(path, parent),
        depth,
        children: below,
        folded,
        matches: matches(path),
        place: i + 1,
        siblings: siblings.length,
      });
      if (below > 0 && !folded) walk(path, depth + 1);
    });
  };
  // The root is the machine. It comes first with its children at the same level, so that not every row is indented.
  if (paths.includes('/') && !filtering)
    rows.push({ path: '/', name: '/', depth: 0, children: 0, folded: false, matches: true, place: 1, siblings: 1 });
  walk('/', 0);
  return rows;
}
