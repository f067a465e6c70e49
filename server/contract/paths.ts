// Group paths and names: what may be written, checked before anything touches a file. All are spelled as spelling.ts says: `/a\xff` is a name with a byte that is no UTF-8.
import { z } from 'zod';
import { escapeUnseen, hasEscapes, isSpelling, unspell } from './spelling.ts';

const NAME_MAX_BYTES = 255;
const PATH_MAX_BYTES = 4096;

/** Why a single path segment cannot name a group, or undefined if it can. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'A group’s name is empty.';
  if (name === '.' || name === '..') return 'A group cannot be named "." or "..".';
  if (name.includes('/')) return 'A group’s name holds a slash.';
  const bytes = unspell(name);
  if (/[\0\n]/.test(bytes)) return 'A group’s name holds a control character that no group can have in its name.';
  if (!isSpelling(name))
    return 'A group’s name is not spelled as cgdeck shows it: \\xHH stands only for a byte that is no UTF-8 or is not seen.';
  if (bytes.length > NAME_MAX_BYTES) return `A group’s name is longer than ${NAME_MAX_BYTES} bytes.`;
  return undefined;
}

/** The same for a group that is to be made: others may have names that cannot be read, new ones may not. */
export function newNameFault(name: string): string | undefined {
  if (hasEscapes(escapeUnseen(name))) return 'A group’s name holds a control character, or another that is not seen.';
  return nameFault(name);
}

/** Why a text is no group path, or undefined if it is one: "/" or "/a/b", no trailing slash. */
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

/** The same for a group that is to be made. */
export function newPathFault(path: string): string | undefined {
  return newNameFault(path.slice(path.lastIndexOf('/') + 1)) ?? pathFault(path);
}

function checkedBy(faultOf: (text: string) => string | undefined) {
  return (text: string, context: z.RefinementCtx<string>) => {
    const fault = faultOf(text);
    if (fault) context.addIssue({ code: 'custom', message: fault });
  };
}

/** A group's path from the root of its hierarchy, such as /cgdeck/web. A character that is not seen may stand for its escape. */
export const GroupPath = z
  .string()
  .overwrite(escapeUnseen)
  .superRefine(checkedBy(pathFault))
  .meta({ description: 'A group’s path from the root of its hierarchy, such as /cgdeck/web' });

/** The path of a group that is to be made. */
export const NewGroupPath = z
  .string()
  .superRefine(checkedBy((path) => (path === '/' ? undefined : newPathFault(path))))
  .meta({ description: 'The path of a group that is to be made, such as /cgdeck/web' });

/** One segment of the path of a group that is to be made. */
export const GroupName = z.string().superRefine(checkedBy(newNameFault));

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
