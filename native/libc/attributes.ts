// Extended attributes of files (xattr(7)).
import { checked, libc } from './library.ts';

const cSet = libc.func('int setxattr(const char *path, const char *name, const char *value, size_t size, int flags)');
const cGet = libc.func('int64_t getxattr(const char *path, const char *name, void *value, size_t size)');
const cRemove = libc.func('int removexattr(const char *path, const char *name)');
const MOST_BYTES = 64;

/** @throws KernelError ENOTSUP where the file system has none, EPERM, EACCES, ENOENT */
export function setAttribute(path: string, name: string, text: string): void {
  checked('setxattr', cSet(path, name, text, Buffer.byteLength(text), 0));
}

/** A short text; undefined where there is none, or it cannot be read. */
export function attributeOf(path: string, name: string): string | undefined {
  const bytes = Buffer.alloc(MOST_BYTES);
  const length = Number(cGet(path, name, bytes, MOST_BYTES));
  return length < 0 ? undefined : bytes.toString('utf8', 0, length);
}

/** @throws KernelError ENODATA where there is none, and as `setAttribute` */
export function removeAttribute(path: string, name: string): void {
  checked('removexattr', cRemove(path, name));
}
