// The machine’s control groups in words: its mode, its hierarchies, and how many features are missing.
import type { Host } from '../../server/contract/answers.ts';

const MODE: Record<Host['mode'], string> = {
  v1: 'Control groups v1, a hierarchy for each controller',
  v2: 'Control groups v2, one unified tree',
  hybrid: 'Control groups v1, with the unified tree of v2 beside them',
};

export function modeWords(mode: Host['mode']): string {
  return MODE[mode];
}

export interface HierarchyLine {
  readonly mountPoint: string;
  readonly version: 1 | 2;
  readonly controllers: string;
}

/** The unified tree first; one without controllers still freezes, kills and measures pressure. */
export function hierarchyLines(hierarchies: Host['hierarchies']): readonly HierarchyLine[] {
  return hierarchies
    .toSorted((a, b) => b.version - a.version)
    .map(({ mountPoint, version, controllers }) => ({
      mountPoint,
      version,
      controllers:
        controllers.length > 0 ? controllers.join(', ') : version === 2 ? 'no controllers; pressure and events' : 'no controllers',
    }));
}

/** Each sentence once: one cause may make two features missing. */
export function missingSentences({ missing }: Pick<Host, 'missing'>): readonly string[] {
  return [...new Set(missing)];
}

export function missingWords(count: number): string {
  return count === 1 ? 'One feature is missing on this machine' : `${count} features are missing on this machine`;
}
