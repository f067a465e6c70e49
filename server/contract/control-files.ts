// The registry of control files, one entry for each version that has the file. Sampler, write checks, forms, chart labels and help texts derive from it.
import type { ControlFile, Counterpart } from './control-file.ts';
import { alikeFiles } from './control-files/alike.ts';
import { blkioFiles } from './control-files/blkio.ts';
import { counterparts } from './control-files/counterparts.ts';
import { cpuFiles } from './control-files/cpu.ts';
import { hugetlbFiles, hugetlbOf } from './control-files/hugetlb.ts';
import { memoryFiles } from './control-files/memory.ts';
import { otherFiles } from './control-files/others.ts';
import { unifiedFiles } from './control-files/unified.ts';
import { unifiedCpuFiles } from './control-files/v2-cpu.ts';
import { unifiedIoFiles } from './control-files/v2-io.ts';
import { unifiedMemoryFiles } from './control-files/v2-memory.ts';
import { unifiedOtherFiles } from './control-files/v2-others.ts';

export type { ControlFile } from './control-file.ts';
export type { Controller } from './controller.ts';

function counterpartsOf({ name, version }: ControlFile): Counterpart[] {
  return counterparts
    .filter(({ v1, v2 }) => name === (version === 1 ? v1 : v2))
    .map(({ v1, v2, differs }) => ({ name: version === 1 ? v2 : v1, ...(differs === undefined ? {} : { differs }) }));
}

export const controlFiles: readonly ControlFile[] = [
  ...memoryFiles,
  ...cpuFiles,
  ...blkioFiles,
  ...otherFiles,
  ...unifiedMemoryFiles,
  ...unifiedCpuFiles,
  ...unifiedIoFiles,
  ...unifiedOtherFiles,
  ...hugetlbFiles,
  ...alikeFiles,
  ...unifiedFiles,
].map((file) => {
  const found = counterpartsOf(file);
  return found.length === 0 ? file : { ...file, counterparts: found };
});

const byName = Map.groupBy(controlFiles, (file) => file.name);

/** The entries of a file name, v1's first: two if both versions have the name. */
export function findControlFiles(name: string): readonly ControlFile[] {
  return byName.get(name) ?? hugetlbOf(name);
}

/** The entry of a file name on a version, by default the first version that has it; undefined for an unknown file. */
export function findControlFile(name: string, version?: ControlFile['version']): ControlFile | undefined {
  const files = findControlFiles(name);
  return version === undefined ? files[0] : files.find((file) => file.version === version);
}

/** The control file that a reading's key belongs to: `memory.stat:total_rss` -> memory.stat. */
export function fileOfReading(key: string): string {
  const colon = key.indexOf(':');
  return colon < 0 ? key : key.slice(0, colon);
}
