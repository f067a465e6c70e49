// What a device number is that the kernel does not take as a disk: a partition, a file system without a disk, or nothing.
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { visibleMounts } from '../../../mountinfo.ts';
import { readMountinfo } from '../hierarchy/mounts.ts';
import { textIfThere } from '../text-if-there.ts';

/** @param asked begins with "major:minor". @returns a sentence with what to write instead. @param sys of sysfs(5), /sys/dev/block */
export function notADisk(asked: string, mountinfo = readMountinfo(), sys = '/sys/dev/block'): string {
  const [, major, minor] = /^\s*(\d+):(\d+)/.exec(asked) ?? [];
  if (major === undefined) return 'Write the disk as major:minor (lsblk lists them).';
  const number = `${Number(major)}:${Number(minor)}`;
  const device = resolved(`${sys}/${number}`);
  if (device !== undefined) {
    if (!existsSync(`${device}/partition`)) return `The kernel does not take the device ${number} (${basename(device)}) for this limit.`;
    const disk = dirname(device);
    return `${number} is ${basename(device)}, a partition of the disk ${basename(disk)}, and limits are for whole disks: write ${(textIfThere(`${disk}/dev`) ?? '').trim()}.`;
  }
  const mount = visibleMounts(mountinfo).find(({ device }) => device === number);
  const advice = 'write the number of the disk that it is stored on, if there is one (lsblk lists them).';
  if (mount)
    return `${number} is a file system of type ${mount.type} (${mount.source}, mounted at ${mount.mountPoint}) and no disk: ${advice}`;
  // Anonymous numbers of file systems: stat(2) shows one for each btrfs subvolume, which mountinfo does not list.
  if (Number(major) === 0)
    return `${number} is the number of a file system without a disk of its own, such as tmpfs, overlay or btrfs: ${advice}`;
  return `This machine has no disk ${number} (lsblk lists them).`;
}

function resolved(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
