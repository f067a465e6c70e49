// Which group a person has seen: by its inode, since another of the same name may take its place while they think.
import type { GroupEntry } from '../../server/contract/frame.ts';
import { live } from './store.ts';

/** A group as it was shown. */
export type SeenGroup = Pick<GroupEntry, 'path' | 'inode'>;

/** Why a question about a group cannot be answered any more; undefined while it can. */
function fault({ path, inode }: SeenGroup): string | undefined {
  const now = live.groups.get(path)?.entry.inode;
  if (now === inode) return undefined;
  if (now === undefined) return `${path} was removed meanwhile.`;
  return `${path} was removed and made again meanwhile. This was about the one before; nothing is done to the new one.`;
}

/** For a question about groups: ends it once one of them was removed or replaced. */
export function aboutGroups(groups: readonly SeenGroup[]) {
  return {
    watch: (listener: () => void) => {
      const stops = groups.map(({ path }) => live.groups.watch(path, listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
    fault: () => {
      const faults = groups.flatMap((group) => fault(group) ?? []);
      if (groups.length === 1 || faults.length === 0) return faults[0];
      return `${faults.length} of ${groups.length} groups were removed or made again meanwhile: close this and choose again. ${faults[0]}`;
    },
  };
}
