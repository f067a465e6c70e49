// Layers: what a launch wrote to its root through an overlay (overlayfs, kernel document), to be listed, kept or thrown away.
import { constants, mkdirSync, readdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { KeptName } from '../../contract/launch.ts';
import type { Layer } from '../../contract/launched.ts';
import { ProblemError } from '../../contract/problems.ts';
import { giveTo } from './launch-store.ts';
import type { Trash } from './trash.ts';

/** Named in an answer; the rest is counted. */
const LISTED = 2000;
/** A layer is made by a program that may mean harm: a look at it ends here. */
const COUNTED = 100_000;
const DEEPEST = 128;

/** Beside a layer's upper and work: whose ids its files carry. */
const Owner = z.object({ hostId: z.number().int(), keptAt: z.number().optional() });

/** A layer's folder as a launch uses it. */
export interface LayerPlace {
  readonly dir: string;
  readonly hostId: number;
}

export class Layers {
  readonly #root: string;
  readonly #trash: Trash;
  /** Kept layers in use, with the group that uses each: two overlays over one upper folder is undefined behaviour. */
  readonly #users = new Map<string, string>();

  constructor(stateDir: string, trash: Trash) {
    const root = join(stateDir, 'layers');
    this.#trash = trash;
    mkdirSync(root, { recursive: true, mode: 0o700 });
    this.#root = realpathSync(root);
  }

  /** A fresh layer inside a launch's folder. Its top is the root that the program sees, so it is the program's. */
  create(launchDir: string, hostId: number): LayerPlace {
    const dir = join(launchDir, 'layer');
    mkdirSync(join(dir, 'upper'), { recursive: true, mode: 0o755 });
    mkdirSync(join(dir, 'work'), { mode: 0o700 });
    giveTo(join(dir, 'upper'), hostId);
    writeOwner(dir, { hostId });
    return { dir, hostId };
  }

  /** The layer that a launch's folder holds already. */
  of(launchDir: string): LayerPlace | undefined {
    const dir = join(launchDir, 'layer');
    const owner = readOwner(dir);
    return owner && { dir, hostId: owner.hostId };
  }

  /** A kept layer for a launch, which has to run as the ids that its files carry. @throws ProblemError not_found, or conflict while another launch uses it */
  use(name: string, group: string): LayerPlace {
    const user = this.#users.get(name);
    if (user !== undefined && user !== group)
      throw new ProblemError('conflict', `The layer ${name} is in use by ${user}: stop that first, or take another layer.`, {
        file: name,
        asked: 'overlay',
      });
    const { hostId } = this.#owner(name);
    this.#users.set(name, group);
    return { dir: this.dirOf(name), hostId };
  }

  /** Notes who uses a kept layer already. One that was thrown away meanwhile is missed by its next start. */
  claim(name: string, group: string): void {
    this.#users.set(name, group);
  }

  /** The launch that used a kept layer is gone. */
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
    if (!owner) throw new ProblemError('not_found', 'This launch has no layer that could be kept, or it is kept already.', { file: name });
    if (readOwner(this.dirOf(name)))
      throw new ProblemError('conflict', `There is a layer ${name} already: choose another name.`, { file: name });
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

  /** Whether a launch has written to a layer in its folder that was not kept. */
  isWritten(launchDir: string): boolean {
    try {
      return readdirSync(join(launchDir, 'layer', 'upper')).length > 0;
    } catch {
      return false;
    }
  }

  /** Whose ids the files of kept layers carry. */
  hostIds(): number[] {
    return readdirSync(this.#root).flatMap((name) => readOwner(this.dirOf(name))?.hostId ?? []);
  }

  /** Kept layers by name, with what is in them. */
  async kept(): Promise<{ name: string; count: number; bytes: number; keptAt: number; usedBy: string[] }[]> {
    const names = readdirSync(this.#root).filter((name) => KeptName.safeParse(name).success && readOwner(this.dirOf(name)));
    return Promise.all(
      names.sort().map(async (name) => {
        const { count, bytes } = await listLayer(this.dirOf(name), 0);
        const user = this.#users.get(name);
        return { name, count, bytes, keptAt: this.#owner(name).keptAt ?? 0, usedBy: user === undefined ? [] : [user] };
      }),
    );
  }

  /** What a layer holds. @throws ProblemError not_found */
  list(dir: string): Promise<Layer> {
    if (!readOwner(dir)) throw new ProblemError('not_found', 'There is no such layer (any more).', { file: dir });
    return listLayer(dir, LISTED);
  }

  #owner(name: string): z.infer<typeof Owner> {
    const owner = readOwner(this.dirOf(name));
    if (!owner) throw new ProblemError('not_found', `There is no layer ${name}.`, { file: name, asked: 'overlay' });
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

/** Each folder is opened through the one above it and never through a link: the program may swap them while we look. */
async function openFolder(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    // Gone, or something else by now.
    return undefined;
  }
}

/** A removed file is a character device 0:0 (overlayfs, "whiteouts and opaque directories"). */
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
          // A folder that is only on the way to what was written says nothing by itself.
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
