// Which of the host's directories a launch may see as its own: an operator is not root, and must not read through a launch what is root's.

import { realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LaunchRequest } from '../../contract/launch.ts';
import { ProblemError } from '../../contract/problems.ts';
import { errnoOf } from '../kernel/errno.ts';

const OTHERS_EXECUTE = 0o001;

export class SharedFolders {
  readonly #folders: readonly string[];

  readonly #sameUser: boolean;

  /**
   * @param folders that the operator of the machine named with --share
   * @param sameUser whether programs run as the user whom cgdeck runs as: then a writable bind reaches what is his
   */
  constructor(folders: readonly string[], sameUser = false) {
    this.#folders = folders;
    this.#sameUser = sameUser;
  }

  /**
   * A root belongs to root inside, whoever owns its files outside, so it lies in a shared folder. A bind shows what anybody on the machine
   * could reach, or lies in one too: a mount reaches past the folders above it, and what they keep closed stays closed.
   * @throws ProblemError protected; what is not there at all is for the launcher to say
   */
  check({ rootfs, binds }: Pick<LaunchRequest, 'rootfs' | 'binds'>): void {
    if (rootfs !== undefined && !this.#isShared(rootfs)) throw this.#refusal('rootfs', rootfs, 'become a root');
    for (const { source, writable } of binds) {
      if (this.#sameUser && writable && !this.#isShared(source)) throw this.#refusal('binds', source, 'be bound to be written to');
      if (!this.#isShared(source) && !isReachable(source)) throw this.#refusal('binds', source, 'be bound: not everybody may enter it');
    }
  }

  #isShared(path: string): boolean {
    const real = resolved(path);
    return real === undefined || this.#folders.some((folder) => isBelow(real, resolved(folder) ?? folder));
  }

  #refusal(asked: string, path: string, what: string): ProblemError {
    const shared = this.#folders.length === 0 ? 'none' : this.#folders.join(', ');
    return new ProblemError(
      'protected',
      `${path} cannot ${what}. Directories below these folders can: ${shared}. Start cgdeck with --share '${dirname(path)}' to add its folder.`,
      { file: path, asked },
    );
  }
}

/** Where a path leads, links followed; undefined where it leads nowhere. */
function resolved(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch (error) {
    if (errnoOf(error) !== '') return undefined;
    throw error;
  }
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** Whether anybody may enter every folder on the way. */
function isReachable(path: string): boolean {
  const real = resolved(path);
  if (real === undefined) return true;
  for (let at = dirname(real); ; at = dirname(at)) {
    if ((statSync(at).mode & OTHERS_EXECUTE) === 0) return false;
    if (at === '/') return true;
  }
}
