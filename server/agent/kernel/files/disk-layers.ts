// Which disks a disk lies on: LUKS, LVM, md and drbd by the slaves that /sys lists, a loop device by the disk of its file.
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { type Mount, mountOf, visibleMounts } from '../../../mountinfo.ts';
import { onDisk } from '../hierarchy/disk-path.ts';
import { readMountinfo } from '../hierarchy/mounts.ts';
import { pathIfThere, textIfThere } from '../text-if-there.ts';
import type { DisksBelow } from './disk-sums.ts';

const SYS = '/sys/dev/block';
/** Layers can be put up and taken down under the same number, without a notice. */
const KNOWN_MS = 60_000;
/** Numbers that no machine has are not kept for ever. */
const MOST_KNOWN = 4096;
const ANONYMOUS = '0:';
const BTRFS = '/sys/fs/btrfs';
/** memfd_create(2) */
const IN_MEMORY = /^\/memfd:.* \(deleted\)$/s;

interface Known {
  readonly below: readonly string[];
  readonly untilMs: number;
}

/** @param sys the folder with a link for each "major:minor" @param now monotonic ms @param mountinfo reads /proc/self/mountinfo */
export function disksIn(sys: string, now: () => number = () => performance.now(), mountinfo = readMountinfo): DisksBelow {
  const seen = new Set<string>();
  const known = new Map<string, Known>();
  let mounts: readonly Mount[] | undefined;
  // Once for all loop devices of one tick: there may be many, and the table may be long.
  const mountTable = () => {
    if (!mounts) {
      setImmediate(() => {
        mounts = undefined;
      }).unref();
    }
    mounts ??= visibleMounts(mountinfo());
    return mounts;
  };
  return (disk) => {
    const before = known.get(disk);
    if (before && before.untilMs > now()) return before.below;
    if (seen.size >= MOST_KNOWN) seen.clear();
    // A new number may lie below one that is known.
    if (!seen.has(disk)) known.clear();
    seen.add(disk);
    const below = [...allBelow(sys, disk, mountTable)].filter((other) => other !== disk);
    known.set(disk, { below, untilMs: now() + KNOWN_MS });
    return below;
  };
}

export const disksBelow = disksIn(SYS);

function allBelow(sys: string, disk: string, mounts: () => readonly Mount[], found = new Set<string>()): Set<string> {
  for (const lower of [...numbersIn(`${sys}/${disk}/slaves`), ...diskOfFile(sys, disk, mounts)]) {
    const whole = wholeDisk(sys, lower);
    if (found.has(whole)) continue;
    found.add(whole);
    allBelow(sys, whole, mounts, found);
  }
  return found;
}

/** Of the disks in a folder of /sys. */
function numbersIn(dir: string): string[] {
  return namesIn(dir).flatMap((name) => textIfThere(`${dir}/${name}/dev`)?.trim() ?? []);
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

/** A partition's disk; the group's files name whole disks only. */
function wholeDisk(sys: string, disk: string): string {
  try {
    // The link's own ".." is the folder of links: the partition's folder lies in that of its disk.
    const dir = realpathSync(`${sys}/${disk}`);
    return textIfThere(`${dir}/partition`) === undefined ? disk : (textIfThere(`${dir}/../dev`)?.trim() ?? disk);
  } catch {
    return disk;
  }
}

/**
 * Of a loop device, by the mount that its file is in: the file itself may be on a server that does not answer. None for a file in memory.
 * A file system with a number of its own, as btrfs has, is on the disks that it was mounted from (proc(5), mountinfo). Where that names none, as
 * for overlay and ZFS, none is assumed: IO counted twice is seen to be too much, IO of another disk left out would be missed.
 */
function diskOfFile(sys: string, disk: string, mounts: () => readonly Mount[]): string[] {
  const file = pathIfThere(`${sys}/${disk}/loop/backing_file`);
  if (!file?.startsWith('/') || IN_MEMORY.test(file)) return [];
  const mount = mountOf(mounts(), file);
  if (!mount?.device.startsWith(ANONYMOUS)) return mount ? [mount.device] : [];
  // A disk's node, which may be mounted alone elsewhere, as a Kubernetes block volume is.
  if (mount.type === 'devtmpfs' || mount.mountPoint === '/dev') return numbersOf(file);
  if (!mount.source.startsWith('/dev/')) return [];
  // bcachefs names all of its disks, btrfs one of them.
  const disks = mount.source.split(/:(?=\/dev\/)/).flatMap(numbersOf);
  if (mount.type !== 'btrfs') return disks;
  const systems = namesIn(BTRFS).map((id) => numbersIn(`${BTRFS}/${id}/devices`));
  return systems.find((all) => disks.some((one) => all.includes(one))) ?? disks;
}

/** None for a path that is no disk's. */
function numbersOf(device: string): string[] {
  try {
    const stats = statSync(onDisk(device));
    // makedev(3)
    return stats.isBlockDevice() ? [`${(stats.rdev >> 8) & 0xfff}:${(stats.rdev & 0xff) | ((stats.rdev >> 12) & 0xfff00)}`] : [];
  } catch {
    return [];
  }
}
