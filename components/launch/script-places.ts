// The paths of hierarchies and control files in the script.
import type { Host } from '../../server/contract/answers.ts';
import { findControlFile } from '../../server/contract/control-files.ts';
import { versionOf } from '../../server/contract/controller.ts';
import { quoteWord } from './argv.ts';

export type Mounts = Pick<Host, 'hierarchies' | 'managedRoot'>;

interface Base {
  /** The folder of all hierarchies; "" where the script has full paths. */
  readonly base: string;
  /** Each hierarchy’s path in it. */
  readonly names: readonly string[];
}

export function commonBase({ hierarchies }: Mounts): Base {
  const points = hierarchies.map(({ mountPoint }) => mountPoint);
  const parents = points.map((point) => point.slice(0, point.lastIndexOf('/')));
  const base = parents[0] ?? '';
  return points.length > 1 && parents.every((parent) => parent === base)
    ? { base, names: points.map((point) => point.slice(base.length + 1)) }
    : { base: '', names: points };
}

/** The path of a control file of a group in the script; undefined where no hierarchy has such a file. */
export function place(file: string, group: string, mounts: Mounts): string | undefined {
  const at = mounts.hierarchies.findIndex(({ controllers, version }) => {
    const known = findControlFile(file, version);
    if (known === undefined) return false;
    return version === 1 ? controllers.includes(known.controller) : versionOf(known.controller, mounts.hierarchies) === 2;
  });
  const name = commonBase(mounts).names[at];
  return name === undefined ? undefined : quoteWord(`${name}${group === '/' ? '' : group}/${file}`);
}
