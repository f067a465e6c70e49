// Loads libc and native/kernel, and makes errors of their errnos. Only this folder imports koffi.
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import koffi from 'koffi';

/** A system call that failed. */
export class KernelError extends Error {
  /** The errno's name, such as ENOENT. */
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = errnoName(errno);
    super(`${call}: ${code}`);
    this.code = code;
  }
}

const names = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

export function errnoName(errno: number): string {
  return names.get(errno) ?? `errno ${errno}`;
}

/** The folder of native builds, searched for upwards because this file may run from its source or from dist/. */
export const buildDir = findBuild();

function findBuild(): string {
  for (let at = import.meta.dirname; ; at = dirname(at)) {
    const build = join(at, 'native', 'build');
    if (existsSync(join(build, 'libcgdeck.so'))) return build;
    if (at === dirname(at)) throw new Error('native/build/libcgdeck.so is missing: run make -C native.');
  }
}

export const libc = koffi.load('libc.so.6');
export const kernel = koffi.load(join(buildDir, 'libcgdeck.so'));

export const NONBLOCK = 0x800;
export const CLOEXEC = 0x80000;

/** For calls of libc, which set errno. @throws KernelError */
export function checked(call: string, result: number): number {
  if (result < 0) throw new KernelError(call, koffi.errno());
  return result;
}

/** For calls of native/kernel, which return -errno. @throws KernelError */
export function positive(call: string, result: number | bigint): number {
  const number = Number(result);
  if (number < 0) throw new KernelError(call, -number);
  return number;
}
