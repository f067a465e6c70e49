// A group's readings as they are now, outside of the tick.
import { readFileSync } from 'node:fs';
import { fileOfReading, findControlFiles } from '../../../contract/control-files.ts';
import type { Readings } from '../../../contract/readings.ts';
import { readingsOf } from '../../kernel/files/parse.ts';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import type { Group } from '../../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../../kernel/hierarchy/layout.ts';

/** All sampled readings of one group, or those of some files. */
export function readNow(layout: Layout, group: Group, only?: ReadonlySet<string>): Readings {
  const readings: Readings = {};
  for (const { file, path } of layout.sampled(group.path, (hierarchy) => group.in.has(hierarchy))) {
    if (only?.has(file.name) === false) continue;
    try {
      for (const [key, value] of readingsOf(file, readFileSync(onDisk(path)))) readings[key] = value;
    } catch {
      // The kernel or the group has no such file: no reading.
    }
  }
  return readings;
}

/** The same, with those of traffic and of the machine, which come from no control file, as they are known. */
export function allNow(layout: Layout, group: Group, known: Readings = {}): Readings {
  const others = Object.entries(known).filter(([key]) => findControlFiles(fileOfReading(key)).length === 0);
  return { ...Object.fromEntries(others), ...readNow(layout, group) };
}
