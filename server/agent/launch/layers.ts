// Lists, keeps and removes layers: what a launch wrote to its root through an overlay (overlayfs.rst).
import { constants, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KeptName } from '../../contract/launch.ts';
import type { Layer } from '../../contract/launched.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { StateFaults } from '../state/state-faults.ts';
import { namesIn, stateFolder } from '../state/state-folder.ts';
import { giveTo } from './launch-store.ts';
import type { Trash } from './trash.ts';

/** At most so many files are named in an answer; the rest are counted. */
const LISTED = 2000;
/** Listing ends here, because a program may have filled its layer to do harm. */
const COUNTED = 100_000;
const DEEPEST = 128;

/** Stored beside a layer's upper and work: the owner of its files. */
const Owner = z.object({ hostId: z.number().int(), keptAt: z.number().optional() });

/** A layer's folder as a launch uses it. */
export interface LayerPlace {
  readonly dir: string;
  readonly hostId: number;
}

export class Layers {
  readonly #root: string;
  readonly #trash: Trash;
  /** The group that uses each kept layer: overlayfs leaves the behaviour of two overlays on one upper folder undefined. */
  readonly #users = new Map<string, string>();

  constructor(stateDir: string, trash: Trash, faults: StateFaults) {
    this.#trash = trash;
    this.#root = stateFolder(stateDir, 'layers', faults);
  }

  /** Makes a layer in a launch's folder. The program owns upper, which becomes its root folder. */
  create(launchDir: string, hostId: number): LayerPlace {
    const dir = join(launchDir, 'layer');
    mkdirSync(join(dir, 'upper'), { recursive: true, mode: 0o755 });
    mkdirSync(join(dir, 'work'), { mode: 0o700 });
    giveTo(join(dir, 'upper'), hostId);
    writeOwner(dir, { hostId });
    return { dir, hostId };
  }

  /** The existing layer in a launch's folder. */
  of(launchDir: string): LayerPlace | undefined {
    const dir = join(launchDir, 'layer');
    const owner = readOwner(dir);
    return owner && { dir, hostId: owner.hostId };
  }

  /** Gives a launch a kept layer, with the ids that it must run as. @throws ProblemError not_found, or conflict while another launch uses it */
  use(name: string, group: string): LayerPlace {
    const user = this.#users.get(name);
    if (user !== undefined && user !== group)
      throw new ProblemError('conflict', `The layer ${name} is in use by ${user}: stop that first, or choose another layer.`, {
        file: name,
        asked: 'overlay',
      });
    const { hostId } = this.#owner(name);
    this.#users.set(name, group);
    return { dir: this.dirOf(name), hostId };
  }

  /** Records the user of a kept layer after a restart of the agent. If the layer was removed meanwhile, the next start is refused. */
  claim(name: string, group: string): void {
    this.#users.set(name, group);
  }

  /** Frees the kept layers that a removed launch used. */
  release(group: string): void {
    for (const [name, user] of this.#users) if (user === group) this.#users.delete(name);
  }

  dirOf(name: string): string {
    return join(this.#root, name);
  }

  /** Keeps the layer of a launch that has ended. @throws ProblemError not_found, conflict */
  keep(launchDir: string, name: string): void {
    const dir = join(launchDir, 'layer');
    const owner = readOwner(dir);
    if (!owner) throw new ProblemError('not_found', 'This launch has no layer to keep, or its layer was kept already.', { file: name });
    if (readOwner(this.dirOf(name)))
      throw new ProblemError('conflict', `The layer ${name} exists already: choose another name.`, { file: name });
    writeOwner(dir, { ...owner, keptAt: Date.now() });
    renameSync(dir, this.dirOf(name));
  }

  /** @throws ProblemError not_found, or conflict while a launch uses it */
  drop(name: string): void {
    this.#owner(name);
    const user = this.#users.get(name);
    if (user !== undefined) throw new ProblemError('conflict', `The layer ${name} is in use by ${user}: stop that first.`, { file: name });
    this.#trash.discard(this.dirOf(name));
  }

  /** Whether a launch has written to its layer, and the layer was not kept. */
  isWritten(launchDir: string): boolean {
    try {
      return readdirSync(join(launchDir, 'layer', 'upper')).length > 0;
    } catch {
      return false;
    }
  }

  /** The owners of the kept layers' files. */
  hostIds(): number[] {
    return namesIn(this.#root).flatMap((name) => readOwner(this.dirOf(name))?.hostId ?? []);
  }

  /** Kept layers in the order of their names. */
  async kept(): Promise<{ name: string; count: number; bytes: number; keptAt: number; usedBy: string[] }[]> {
    const names = namesIn(this.#root).filter((name) => KeptName.safeParse(name).success && readOwner(this.dirOf(name)));
    return Promise.all(
      names.sort().map(async (name) => {
        const { count, bytes } = await listLayer(this.dirOf(name), 0);
        const user = this.#users.get(name);
        return { name, count, bytes, keptAt: this.#owner(name).keptAt ?? 0, usedBy: user === undefined ? [] : [user] };
      }),
    );
  }

  /** The content of a layer. @throws ProblemError not_found */
  list(dir: string): Promise<Layer> {
    if (!readOwner(dir)) throw new ProblemError('not_found', 'This layer does not exist, or was removed.', { file: dir });
    return listLayer(dir, LISTED);
  }

  #owner(name: string): z.infer<typeof Owner> {
    const owner = readOwner(this.dirOf(name));
    if (!owner) throw new ProblemError('not_found', `The layer ${name} does not exist.`, { file: name, asked: 'overlay' });
    return owner;
  }
}

function readOwner(dir: string): z.infer<typeof Owner> | undefined {
  try {
    return Owner.parse(JSON.parse(readFileSync(join(dir, 'owner.json'), 'utf8')));
  } catch {
    return undefined;
  }
}

function writeOwner(dir: string, owner: z.infer<typeof Owner>): void {
  const path = join(dir, 'owner.json');
  writeFileSync(`${path}.new`, JSON.stringify(owner), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Folders are opened through their parent's descriptor and never through a link, because the program may replace them meanwhile. */
async function openFolder(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    // It was removed or replaced.
    return undefined;
  }
}

/** Removed files appear as character devices 0:0 (overlayfs.rst, "whiteouts and opaque directories"). */
async function listLayer(dir: string, listed: number): Promise<Layer> {
  const layer: Layer = { files: [], count: 0, bytes: 0 };
  const note = (path: string, change: 'written' | 'removed' | 'folder', bytes: number) => {
    layer.count++;
    layer.bytes += bytes;
    if (layer.files.length < listed) layer.files.push({ path, change, bytes });
  };
  const walk = async (folder: string, shown: string, depth: number): Promise<void> => {
    const handle = await openFolder(folder);
    if (!handle) return;
    const here = `/proc/self/fd/${handle.fd}`;
    try {
      for (const entry of await readdir(here, { withFileTypes: true })) {
        if (layer.count >= COUNTED) return;
        const path = `${shown}/${entry.name}`;
        if (entry.isDirectory()) {
          const before = layer.count;
          if (depth < DEEPEST) await walk(`${here}/${entry.name}`, path, depth + 1);
          // Only an empty folder is listed; others exist for the files in them.
          if (layer.count === before) note(path, 'folder', 0);
        } else if (entry.isCharacterDevice()) note(path, 'removed', 0);
        else note(path, 'written', await sizeOf(`${here}/${entry.name}`));
      }
    } finally {
      await handle.close();
    }
  };
  await walk(join(dir, 'upper'), '', 0);
  layer.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return layer;
}

async function sizeOf(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() ? found.size : 0;
}
