// The machine’s control groups in words: its mode, its hierarchies, and how many features are missing.
import type { Host } from '../../server/contract/answers.ts';

export const modeWords: Record<Host['mode'], string> = {
  v1: 'Control groups v1, a hierarchy for each controller',
  v2: 'Control groups v2, one unified tree',
  hybrid: 'Control groups v1, with the unified tree of v2 beside them',
};

/** A hierarchy’s controllers; a unified tree without any still freezes, kills and measures pressure. */
export function controllerWords({ version, controllers }: Host['hierarchies'][number]): string {
  if (controllers.length > 0) return controllers.join(', ');
  return version === 2 ? 'no controllers; pressure and events' : 'no controllers';
}

export function missingWords(count: number): string {
  return count === 1 ? 'One feature is missing on this machine' : `${count} features are missing on this machine`;
}
