// Parsers of control files with lines for disks.
import type { ControlFile } from '../../../contract/control-files.ts';
import { DiskSums, type DisksBelow, isDisk } from './disk-sums.ts';
import { meaning, numberIn } from './numbers.ts';
import { linesOf, type Parse } from './parse-lines.ts';

interface Devices {
  readonly below: DisksBelow;
  /** Also emits the numbers of each disk. */
  readonly each: boolean;
}

/** "8:0 Read 4096" lines, summed over the disks for each operation; "Total 8192" and v2-like lines are skipped. */
export function deviceKeyed(wanted: ReadonlySet<string> | undefined, { below, each }: Devices): Parse {
  return (bytes, start, end, emit) => {
    const sums = new DiskSums(below, wanted ?? []);
    for (const [disk = '', operation = '', text = ''] of linesOf(bytes, start, end)) {
      const value = numberIn(text);
      if (!isDisk(disk) || value === undefined) continue;
      const count = Math.max(0, value);
      if (each) emit(`${disk} ${operation}`, count);
      if (wanted?.has(operation) ?? true) sums.add(disk, operation, count);
    }
    for (const [operation, sum] of sums.totals()) emit(operation, sum);
  };
}

/** "8:0 rbytes=4096 wbytes=0 …" lines, summed over the disks for each wanted key. */
export function deviceCounters(wanted: ReadonlySet<string>, { below, each }: Devices): Parse {
  return (bytes, start, end, emit) => {
    const sums = new DiskSums(below, wanted);
    for (const { device, key, text } of devicePairs(bytes, start, end)) {
      if (!isDisk(device)) continue;
      const value = numberIn(text);
      const count = value === undefined ? undefined : Math.max(0, value);
      if (each) emit(`${device} ${key}`, count ?? text);
      if (count !== undefined && wanted.has(key)) sums.add(device, key, count);
    }
    for (const [key, sum] of sums.totals()) emit(key, sum);
  };
}

/** "8:16 rbps=1048576 wbps=max …" lines, one reading for each device and key. */
export function deviceSettings({ kind }: ControlFile): Parse {
  return (bytes, start, end, emit) => {
    for (const { device, key, text } of devicePairs(bytes, start, end)) {
      const value = numberIn(text);
      emit(`${device} ${key}`, value === undefined ? text : meaning(kind, value));
    }
  };
}

/** Before Linux 5.16 a disk without numbers has no line end, and another disk follows: "7:0 8:0 rbytes=4096 …". A disk without a number is "(unknown)". */
function* devicePairs(bytes: Buffer, start: number, end: number): Iterable<{ device: string; key: string; text: string }> {
  for (const [first = '', ...words] of linesOf(bytes, start, end)) {
    let device = first;
    for (const pair of words) {
      const [key = '', text = ''] = pair.split('=');
      if (key === pair) device = pair;
      else if (key !== '' && text !== '') yield { device, key, text };
    }
  }
}
