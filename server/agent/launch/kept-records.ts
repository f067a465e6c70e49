// Which ended launches are still known after cgdeck was restarted: how they ended, their output and request, until their group is removed.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Launch } from './launch.ts';
import { outputFiles } from './output-files.ts';

/** What a person can look through, and a disk can spare. */
const BOUNDS = { launches: 50, outputBytes: 256 * 1024 * 1024 } as const;

/** The groups of the ended launches to keep, the latest first within the bounds. */
export function keptGroups(launches: readonly Launch[], bounds: { launches: number; outputBytes: number } = BOUNDS): Set<string> {
  const ended = launches.flatMap(({ group, main, records }) => (main?.exit ? { group, endedAt: main.exit.time, records } : []));
  const kept = new Set<string>();
  let outputBytes = 0;
  for (const { group, records } of ended.sort((a, b) => b.endedAt - a.endedAt)) {
    outputBytes += records.reduce((sum, { dir }) => sum + bytesIn(dir), 0);
    if (kept.size >= bounds.launches || outputBytes > bounds.outputBytes) break;
    kept.add(group);
  }
  return kept;
}

function bytesIn(dir: string): number {
  return outputFiles.reduce((sum, name) => sum + (statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}
