// Control files that other programs wrote, found by changed readings: one entry for each file, with its text as the kernel writes it.
import { type ControlFile, fileOfReading, findControlFiles } from '../../contract/control-files.ts';
import type { Change } from '../../contract/frame.ts';
import type { Readings, ReadingValue } from '../../contract/readings.ts';

/** Not reported as a write: the freeze or thaw that follows is an event. */
const FREEZE_ASKED = 'cgroup.freeze';

export interface ChangedFile {
  readonly gid: number;
  readonly file: string;
  readonly old: string;
  readonly new: string;
}

/** @param before a group's readings before these changes; a reading that was not there before counts as found, not changed */
export function changedFiles(changes: readonly Change[], before: (gid: number) => Readings | undefined): ChangedFile[] {
  const found = new Map<string, { gid: number; file: ControlFile; old: Readings; now: Readings }>();
  for (const [gid, key, value] of changes) {
    const readings = before(gid);
    if (value === null || readings?.[key] === undefined || readings[key] === value) continue;
    const file = findControlFiles(fileOfReading(key)).find(({ onlyWritten }) => onlyWritten);
    if (file === undefined || file.name === FREEZE_ASKED) continue;
    const at = `${gid} ${file.name}`;
    const one = found.get(at) ?? { gid, file, old: readings, now: { ...readings } };
    one.now[key] = value;
    found.set(at, one);
  }
  return [...found.values()].map(({ gid, file, old, now }) => ({ gid, file: file.name, old: textOf(file, old), new: textOf(file, now) }));
}

function textOf(file: ControlFile, readings: Readings): string {
  const { name, format } = file;
  if (format === 'quota-period') return `${digits(readings[`${name}:quota`])} ${digits(readings[`${name}:period`])}`;
  if (format !== 'device-settings') return digits(readings[name]);
  const lines = new Map<string, string>();
  for (const key in readings) {
    if (fileOfReading(key) !== name) continue;
    const [device = '', setting] = key.slice(name.length + 1).split(' ');
    lines.set(device, `${lines.get(device) ?? device} ${setting}=${digits(readings[key])}`);
  }
  return [...lines.values()].join('\n');
}

/** All digits: a number from 2^53 up is a multiple of a page, which a double holds, but JavaScript rounds when it writes it. */
function digits(value: ReadingValue | undefined): string {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value).toString() : String(value);
}
