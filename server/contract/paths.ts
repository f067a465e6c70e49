// Group paths and names, checked before any file is touched. They are spelled as in spelling.ts: `/a\xff` has a byte that is not UTF-8.
import { escapeUnseen, hasEscapes, isSpelling, unspell } from './spelling.ts';

const NAME_MAX_BYTES = 255;
const PATH_MAX_BYTES = 4096;

/** Why a path segment cannot name a group; undefined if it can. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'A group’s name is empty.';
  if (name === '.' || name === '..') return 'A group cannot be named "." or "..".';
  if (name.includes('/')) return 'A group’s name contains a slash.';
  const bytes = unspell(name);
  if (/[\0\n]/.test(bytes)) return 'A group’s name contains NUL or a line break, which no group can have.';
  if (!isSpelling(name))
    return 'A group’s name is not spelled as cgdeck shows it: \\xHH stands only for a byte that is not UTF-8 or not visible.';
  if (bytes.length > NAME_MAX_BYTES) return `A group’s name is longer than ${NAME_MAX_BYTES} bytes.`;
  return undefined;
}

/** The same for a new group, whose name must also be readable. */
export function newNameFault(name: string): string | undefined {
  if (hasEscapes(escapeUnseen(name))) return 'A group’s name contains a control character or another invisible one.';
  return nameFault(name);
}

/** Why a text is not a group path; undefined if it is: "/" or "/a/b", without a trailing slash. */
export function pathFault(path: string): string | undefined {
  if (path === '/') return undefined;
  if (!path.startsWith('/')) return 'A group’s path starts with a slash.';
  if (unspell(path).length > PATH_MAX_BYTES) return `A group’s path is longer than ${PATH_MAX_BYTES} bytes.`;
  for (const name of path.slice(1).split('/')) {
    const fault = nameFault(name);
    if (fault) return fault;
  }
  return undefined;
}

/** The same for a new group. */
export function newPathFault(path: string): string | undefined {
  return newNameFault(path.slice(path.lastIndexOf('/') + 1)) ?? pathFault(path);
}

export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

export function joinPath(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`;
}

/** True for the path itself and everything below it. */
export function isWithin(path: string, ancestor: string): boolean {
  return ancestor === '/' || path === ancestor || path.startsWith(`${ancestor}/`);
}

/** The path and its ancestors, nearest first, down to "/". */
export function lineage(path: string): string[] {
  const line = [path];
  for (let at = path; at !== '/'; ) {
    at = parentPath(at);
    line.push(at);
  }
  return line;
}
