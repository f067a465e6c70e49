// Paths of groups whose names hold bytes that are no UTF-8: Node takes those only as a Buffer, and in a string each is half a surrogate pair meanwhile.
import { asText, unspell } from '../../../contract/spelling.ts';

/** No well-formed text has such a half; the byte is in its low eight bits (as in Python's surrogateescape, PEP 383). */
const HALF = 0xdc00;
const HALVES = /(\p{Cs}+)/u;

/** A group's path as the kernel has it, from its spelling. */
export function unspelled(group: string): string {
  return group.includes('\\x') ? asText(unspell(group), (byte) => String.fromCharCode(HALF + byte.charCodeAt(0))) : group;
}

/** A path in or of a group's directory as a system call takes it. ("latin1" is the low eight bits of each code unit.) */
export function onDisk(path: string): string | Buffer {
  if (path.isWellFormed()) return path;
  const parts = path.split(HALVES).map((part) => Buffer.from(part, part.isWellFormed() ? 'utf8' : 'latin1'));
  return Buffer.concat(parts);
}

/** The same as C takes it, with a NUL behind it. */
export function cPath(path: string): Buffer {
  const known = onDisk(path);
  return typeof known === 'string' ? Buffer.from(`${known}\0`) : Buffer.concat([known, Buffer.alloc(1)]);
}
