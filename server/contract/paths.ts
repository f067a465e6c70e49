// Group paths and names: what may be written, checked before anything touches a file.
import { z } from 'zod';

const NAME_MAX_BYTES = 255;
const PATH_MAX_BYTES = 4096;
/** Control characters (a newline would make /proc/<pid>/cgroup unparsable) and bytes that are no UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNSAFE = /[\u0000-\u001f\u007f\ufffd]|\p{Cs}/u;

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Why a single path segment cannot name a group, or undefined if it can. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'A group’s name is empty.';
  if (name === '.' || name === '..') return 'A group cannot be named "." or "..".';
  if (name.includes('/')) return 'A group’s name holds a slash.';
  if (UNSAFE.test(name)) return 'A group’s name holds a control character.';
  if (byteLength(name) > NAME_MAX_BYTES) return `A group’s name is longer than ${NAME_MAX_BYTES} bytes.`;
  return undefined;
}

/** Why a text is no group path, or undefined if it is one: "/" or "/a/b", no trailing slash. */
export function pathFault(path: string): string | undefined {
  if (path === '/') return undefined;
  if (!path.startsWith('/')) return 'A group’s path starts with a slash.';
  if (byteLength(path) > PATH_MAX_BYTES) return `A group’s path is longer than ${PATH_MAX_BYTES} bytes.`;
  for (const name of path.slice(1).split('/')) {
    const fault = nameFault(name);
    if (fault) return fault;
  }
  return undefined;
}

/** A group's path from the root of its hierarchy, such as /cgdeck/web. */
export const GroupPath = z
  .string()
  .superRefine((path, context) => {
    const fault = pathFault(path);
    if (fault) context.addIssue({ code: 'custom', message: fault });
  })
  .meta({ description: 'A group’s path from the root of its hierarchy, such as /cgdeck/web' });

/** One segment of a group path. */
export const GroupName = z.string().superRefine((name, context) => {
  const fault = nameFault(name);
  if (fault) context.addIssue({ code: 'custom', message: fault });
});

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
