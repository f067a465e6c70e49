// inotify(7): notices of changes in a folder.
import { CLOEXEC, checked, libc, NONBLOCK } from './library.ts';

const cInotifyInit = libc.func('int inotify_init1(int flags)');
const cInotifyAdd = libc.func('int inotify_add_watch(int fd, const void *path, uint32_t mask)');
const cInotifyRemove = libc.func('int inotify_rm_watch(int fd, int wd)');

export const inotifyMask = {
  create: 0x100,
  delete: 0x200,
  deleteSelf: 0x400,
  overflow: 0x4000,
  ignored: 0x8000,
  onlyDir: 0x01000000,
  isDir: 0x40000000,
} as const;

export function inotifyInit(): number {
  return checked('inotify_init1', cInotifyInit(NONBLOCK | CLOEXEC));
}

/** @param path ends in a NUL. @returns the watch descriptor. @throws KernelError ENOENT if the folder is gone, ENOSPC at the user's limit of watches */
export function inotifyAdd(fd: number, path: Uint8Array, mask: number): number {
  return checked('inotify_add_watch', cInotifyAdd(fd, path, mask));
}

/** Succeeds also for a watch that the kernel has already removed. */
export function inotifyRemove(fd: number, watch: number): void {
  cInotifyRemove(fd, watch);
}
