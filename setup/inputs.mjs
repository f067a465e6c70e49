// Whether an output is up to date: a hash of everything that it is made from, kept in a file inside it.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from './project.mjs';

const STAMP = '.cgdeck-inputs';

function* filesUnder(path, skip) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile()) yield path;
  if (!stats?.isDirectory()) return;
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const inside = join(path, entry.name);
    if (skip(relative(ROOT, inside))) continue;
    if (entry.isDirectory()) yield* filesUnder(inside, skip);
    else if (entry.isFile()) yield inside;
  }
}

/** @param {readonly string[]} paths files and folders, from the root; absent ones count as such @param {(path: string) => boolean} [skip] */
export function hashOf(paths, skip = () => false) {
  const hash = createHash('sha256');
  for (const path of paths) {
    hash.update(`\0${path}`);
    for (const file of filesUnder(join(ROOT, path), skip)) {
      const content = readFileSync(file);
      hash.update(`\0${relative(ROOT, file)}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

/** @param {string} folder the output @param {readonly string[]} expected files that have to be in it */
export function isUpToDate(folder, expected, hash) {
  const stamp = join(ROOT, folder, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hash && expected.every((file) => existsSync(join(ROOT, folder, file)));
}

export function markUpToDate(folder, hash) {
  writeFileSync(join(ROOT, folder, STAMP), hash);
}
