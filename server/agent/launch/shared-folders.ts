// Decides which host directories a launch may use: operators are not root, so a launch must not give them access to root's files.
import { realpathSync } from 'node:fs';
import { dirname, normalize } from 'node:path';
import type { Bind, LaunchRequest } from '../../contract/launch.ts';
import { isWithin } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';

export interface PlacedBind extends Bind {
  readonly target: string;
  /** Whether the launcher follows links in the source path (native/launch/README.md); left out: never. */
  readonly links?: 'always' | 'if-any';
}

/** The host directories of a launch, as paths that the launcher opens at each start. */
export interface Placed {
  readonly rootfs?: string | undefined;
  readonly binds: readonly PlacedBind[];
}

export interface SharedFoldersOptions {
  /** The folders given with --share. */
  readonly share: readonly string[];
  /** The folders of cgdeck's own files; writing to them would give cgdeck's privileges. */
  readonly own: readonly string[];
  /** Without root: folders that programs must not see, although they run as cgdeck's user. */
  readonly unseen?: readonly string[] | undefined;
}

interface Folder {
  readonly given: string;
  readonly real: string;
}

/**
 * Decides by path names alone. The launcher then opens the path without following links, which anyone who writes to a shared folder could have
 * made, so nothing can change between the check and the use.
 */
export class SharedFolders {
  readonly #folders: readonly Folder[];
  readonly #own: readonly string[];
  readonly #unseen: readonly string[] | undefined;

  constructor({ share, own, unseen }: SharedFoldersOptions) {
    this.#folders = resolvedOnce(share);
    // If cgdeck's folder is "/", no folder is outside of it.
    this.#own = own.map(realOr).filter((path) => path !== '/');
    this.#unseen = unseen;
  }

  /**
   * A root directory must be in a shared folder, because its program becomes root in it. A bind must be in one too, or be open to all users
   * of the machine: a mount bypasses the permissions of the folders above, so the launcher checks them.
   * @throws ProblemError protected
   */
  place({ rootfs, binds }: Pick<LaunchRequest, 'rootfs' | 'binds'>): Placed {
    const root = rootfs === undefined ? undefined : this.#shared(rootfs);
    if (rootfs !== undefined && root === undefined) throw this.#refusal('rootfs', rootfs, 'be used as a root');
    if (rootfs !== undefined && root !== undefined) this.#keepOwn('rootfs', rootfs, root);
    return { rootfs: root, binds: binds.map((bind) => this.#place(bind)) };
  }

  #place(bind: Bind): PlacedBind {
    const { source, target = source, writable } = bind;
    const shared = this.#shared(source);
    if (this.#unseen === undefined)
      return { source: shared ?? source, target, writable, links: shared === undefined ? 'always' : 'if-any' };
    if (shared !== undefined) {
      this.#keepOwn('binds', source, shared);
      return { source: shared, target, writable };
    }
    if (writable) throw this.#refusal('binds', source, 'be bound as writable');
    if (this.#unseen.some((path) => overlap(normalize(source), path)))
      throw this.#refusal('binds', source, 'be bound, because it contains private folders of cgdeck’s user');
    return { source: normalize(source), target, writable };
  }

  /** The path below a shared folder, with the folder's own links resolved; undefined outside of all. */
  #shared(path: string): string | undefined {
    const asked = trimmed(normalize(path));
    const folder = this.#folders.find(({ given, real }) => isWithin(asked, given) || isWithin(asked, real));
    if (!folder || isWithin(asked, folder.real)) return folder && asked;
    return trimmed(normalize(`${folder.real}/${asked.slice(folder.given.length)}`));
  }

  #keepOwn(asked: string, path: string, real: string): void {
    const own = this.#own.find((folder) => overlap(real, folder));
    if (own === undefined) return;
    throw new ProblemError('protected', `${path} cannot be used: cgdeck’s own files are in ${own}. Choose a folder outside of it.`, {
      file: path,
      asked,
    });
  }

  #refusal(asked: string, path: string, what: string): ProblemError {
    const shared = this.#folders.length === 0 ? 'none' : this.#folders.map(({ given }) => given).join(', ');
    // Nothing is recommended that shares the whole machine.
    const folder = dirname(path);
    return new ProblemError(
      'protected',
      `${path} cannot ${what}. Directories in the shared folders can: ${shared}.${folder === '/' ? '' : ` Start cgdeck with --share '${folder}' to share its folder.`}`,
      { file: path, asked },
    );
  }
}

/**
 * Links in the shared folders' own paths are resolved once, at the start, as the administrator chose them. A folder in another shared folder
 * is skipped: it adds nothing, and anyone who writes to the outer one could have replaced it by a link.
 */
function resolvedOnce(share: readonly string[]): Folder[] {
  const folders: Folder[] = [];
  for (const given of share.map((path) => trimmed(normalize(path))).sort((a, b) => a.length - b.length)) {
    if (folders.some((folder) => isWithin(given, folder.given) || isWithin(given, folder.real))) continue;
    folders.push({ given, real: realOr(given) });
  }
  return folders;
}

/** The path with links resolved, or itself if it does not exist. */
function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const trimmed = (path: string): string => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);

const overlap = (a: string, b: string): boolean => isWithin(a, b) || isWithin(b, a);
