// What a machine is made of (qemu with what it needs, and the kernels), fetched from Debian once and kept in a folder outside the clone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const KERNELS = ['6.1', '6.12'] as const;
export type Kernel = (typeof KERNELS)[number];
export type Part = 'qemu' | `kernel-${Kernel}`;

/** Counted up when what a part holds changes: parts made before are then made again. */
const RECIPE = 3;
const LIST = 'files.json';

export const CACHE = process.env.CGDECK_VM_CACHE || join(homedir(), '.cache', 'cgdeck-vm');
export const folderOf = (part: Part): string => join(CACHE, part);

/** Every file and its size: a copy that was cut short, or a file that somebody has removed, shows. */
function sizesIn(folder: string): Record<string, number> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== LIST);
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), statSync(path).size]));
}

export function isWhole(part: Part): boolean {
  const folder = folderOf(part);
  try {
    return readFileSync(join(folder, LIST), 'utf8') === JSON.stringify({ recipe: RECIPE, sizes: sizesIn(folder) });
  } catch {
    return false;
  }
}

/** Fills a folder beside the part's own, which takes its place only when it is complete. */
export async function makePart(part: Part, fill: (folder: string) => Promise<void>): Promise<void> {
  const folder = folderOf(part);
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  await fill(fresh);
  writeFileSync(join(fresh, LIST), JSON.stringify({ recipe: RECIPE, sizes: sizesIn(fresh) }));
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

/** Has the parts fetched that are not there, by one process at a time: a second one waits, and then finds them. */
export async function prepareParts(parts: readonly Part[]): Promise<void> {
  const missing = parts.filter((part) => !isWhole(part));
  if (missing.length === 0) return;
  mkdirSync(CACHE, { recursive: true });
  const fetching = spawn('flock', [CACHE, process.execPath, join(import.meta.dirname, 'fetch.ts'), ...missing], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(fetching, 'exit');
  if (code !== 0) throw new Error(`The test machine could not be fetched: ${missing.join(', ')}. What went wrong is above.`);
}
