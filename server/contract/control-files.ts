// The registry: every control file, once. Sampler, write checks, API schema, forms, chart labels and help derive from it.
import type { ControlFile } from './control-file.ts';
import { cpuFiles } from './control-files/cpu.ts';
import { memoryFiles } from './control-files/memory.ts';
import { otherFiles } from './control-files/others.ts';
import { unifiedFiles } from './control-files/unified.ts';

export type { ControlFile, Controller } from './control-file.ts';

export const controlFiles: readonly ControlFile[] = [...memoryFiles, ...cpuFiles, ...otherFiles, ...unifiedFiles];

const byName = new Map(controlFiles.map((file) => [file.name, file]));

/** The registry's entry for a kernel file name, or undefined for a file it does not know. */
export function findControlFile(name: string): ControlFile | undefined {
  return byName.get(name);
}

/** The control file that a reading's key belongs to: `memory.stat:total_rss` -> memory.stat. */
export function fileOfReading(key: string): string {
  const colon = key.indexOf(':');
  return colon < 0 ? key : key.slice(0, colon);
}
