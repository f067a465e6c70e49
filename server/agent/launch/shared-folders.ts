// Which of the host's directories a launch may see as its own: an operator is not root, and must not reach through a launch what is root's.
import { realpathSync } from 'node:fs';
import { dirname, normalize } from 'node:path';
import type { Bind, LaunchRequest } from '../../contract/launch.ts';
import { isWithin } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';

export interface PlacedBind extends Bind {
  readonly target: string;
  /** Whether the launcher follows links on the way to it (native/launch/README.md); left out: never. */
  readonly links?: 'always' | 'if-any';
}

/** What a launch sees of the host, by paths that the launcher opens anew at each start. */
export interface Placed {
  readonly rootfs?: string | undefined;
  readonly binds: readonly PlacedBind[];
}

export interface SharedFoldersOptions {
  /** That the operator of the machine named with --share. */
  readonly share: readonly string[];
  /** Where cgdeck's own files are: who writes to them becomes what cgdeck is. */
  readonly own: readonly string[];
  /** Where programs run as the user whom cgdeck runs as: what they are not to see of the host, though that user may. */
  readonly unseen?: readonly string[] | undefined;
}

interface Folder {
  readonly given: string;
  readonly real: string;
}

/**
 * Decides by names alone, so that nothing can change between this and the opening: that the launcher does, without following a link, which
 * whoever writes to a shared folder could have put there.
 */
export class SharedFolders {
  readonly #folders: readonly Folder[];
  readonly #own: readonly string[];
  readonly #unseen: readonly string[] | undefined;

  constructor({ share, own, unseen }: SharedFoldersOptions) {
    this.#folders = resolvedOnce(share);
    // At the top of the machine there is nothing apart from it.
    this.#own = own.map(realOr).filter((path) => path !== '/');
    this.#unseen = unseen;
  }

  /**
   * A root belongs to root inside, whoever owns its files outside, so it lies in a shared folder. A bind lies in one too, or shows what
   * anybody on the machine could reach: a mount reaches past the folders above it, and what they keep closed stays closed.
   * @throws ProblemError protected
   */
  place({ rootfs, binds }: Pick<LaunchRequest, 'rootfs' | 'binds'>): Placed {
    const root = rootfs === undefined ? undefined : this.#shared(rootfs);
    if (rootfs !== undefined && root === undefined) throw this.#refusal('rootfs', rootfs, 'become a root');
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
    if (writable) throw this.#refusal('binds', source, 'be bound to be written to');
    if (this.#unseen.some((path) => overlap(normalize(source), path)))
      throw this.#refusal('binds', source, 'be bound: it holds what is the user’s own');
    return { source: normalize(source), target, writable };
  }

  /** The path's real name below a shared folder. */
  #shared(path: string): string | undefined {
    const asked = trimmed(normalize(path));
    const folder = this.#folders.find(({ given, real }) => isWithin(asked, given) || isWithin(asked, real));
    if (!folder || isWithin(asked, folder.real)) return folder && asked;
    return trimmed(normalize(`${folder.real}/${asked.slice(folder.given.length)}`));
  }

  #keepOwn(asked: string, path: string, real: string): void {
    const own = this.#own.find((folder) => overlap(real, folder));
    if (own === undefined) return;
    throw new ProblemError('protected', `${path} cannot be used: cgdeck’s own files are in ${own}. Choose a folder apart from it.`, {
      file: path,
      asked,
    });
  }

  #refusal(asked: string, path: string, what: string): ProblemError {
    const shared = this.#folders.length === 0 ? 'none' : this.#folders.map(({ given }) => given).join(', ');
    return new ProblemError(
      'protected',
      `${path} cannot ${what}. Directories below these folders can: ${shared}. Start cgdeck with --share '${dirname(path)}' to add its folder.`,
      { file: path, asked },
    );
  }
}

/**
 * Links in the folders' own names are followed once, at the start: they are the administrator's. One that lies in another shared folder
 * adds nothing to it, and is passed over: whoever writes there could have put a link in its place.
 */
function resolvedOnce(share: readonly string[]): Folder[] {
  const folders: Folder[] = [];
  for (const given of share.map((path) => trimmed(normalize(path))).sort((a, b) => a.length - b.length)) {
    if (folders.some((folder) => isWithin(given, folder.given) || isWithin(given, folder.real))) continue;
    folders.push({ given, real: realOr(given) });
  }
  return folders;
}

/** Where a path leads, links followed; itself where it leads nowhere. */
function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

const trimmed = (path: string): string => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);

const overlap = (a: string, b: string): boolean => isWithin(a, b) || isWithin(b, a);
