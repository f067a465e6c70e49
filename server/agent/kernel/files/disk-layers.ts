// Which disks a disk lies on: LUKS, LVM, md and drbd by the slaves that /sys lists, a loop device by the disk of its file.
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { mountOf, visibleMounts } from '../../../mountinfo.ts';
import { readMountinfo } from '../hierarchy/mounts.ts';
import type { DisksBelow } from './disk-sums.ts';

const SYS = '/sys/dev/block';
/** Layers can be put up and taken down under the same number, without a notice. */
const KNOWN_MS = 60_000;
/** Numbers that no machine has are not kept for ever. */
const MOST_KNOWN = 4096;
const ANONYMOUS = '0:';

interface Known {
  readonly below: readonly string[];
  readonly untilMs: number;
}

/** @param sys the folder with a link for each "major:minor" @param now monotonic ms */
export function disksIn(sys: string, now: () => number = () => performance.now()): DisksBelow {
  const seen = new Set<string>();
  const known = new Map<string, Known>();
  return (disk) => {
    const before = known.get(disk);
    if (before && before.untilMs > now()) return before.below;
    if (seen.size >= MOST_KNOWN) seen.clear();
    // A new number may lie below one that is known.
    if (!seen.has(disk)) known.clear();
    seen.add(disk);
    const below = [...allBelow(sys, disk)].filter((other) => other !== disk);
    known.set(disk, { below, untilMs: now() + KNOWN_MS });
    return below;
  };
}

export const disksBelow = disksIn(SYS);

function allBelow(sys: string, disk: string, found = new Set<string>()): Set<string> {
  for (const lower of [...slavesOf(sys, disk), ...diskOfFile(sys, disk)]) {
    const whole = wholeDisk(sys, lower);
    if (found.has(whole)) continue;
    found.add(whole);
    allBelow(sys, whole, found);
  }
  return found;
}

function slavesOf(sys: string, disk: string): string[] {
  try {
    const dir = `${sys}/${disk}/slaves`;
    return readdirSync(dir).flatMap((name) => textOf(`${dir}/${name}/dev`) ?? []);
  } catch {
    return [];
  }
}

/** A partition's disk; the group's files name whole disks only. */
function wholeDisk(sys: string, disk: string): string {
  try {
    // The link's own ".." is the folder of links: the partition's folder lies in that of its disk.
    const dir = realpathSync(`${sys}/${disk}`);
    return textOf(`${dir}/partition`) === undefined ? disk : (textOf(`${dir}/../dev`) ?? disk);
  } catch {
    return disk;
  }
}

/**
 * Of a loop device, by the mount that its file is in: the file itself may be on a server that does not answer. None for a file in memory.
 * A file system with a number of its own, as btrfs has, is on the disk that it was mounted from (proc(5), mountinfo).
 */
function diskOfFile(sys: string, disk: string): string[] {
  const file = textOf(`${sys}/${disk}/loop/backing_file`);
  if (file === undefined) return [];
  const mount = mountOf(visibleMounts(readMountinfo()), file);
  if (!mount?.device.startsWith(ANONYMOUS)) return mount ? [mount.device] : [];
  return mount.source.startsWith('/dev/') ? (numbersOf(mount.source) ?? []) : [];
}

function numbersOf(device: string): string[] | undefined {
  try {
    const name = realpathSync(device).slice('/dev/'.length).replaceAll('/', '!');
    const numbers = textOf(`/sys/class/block/${name}/dev`);
    return numbers === undefined ? undefined : [numbers];
  } catch {
    return undefined;
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
