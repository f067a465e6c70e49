// Paths of groups whose names contain bytes that are not UTF-8: Node takes such paths only as a Buffer; in strings, a lone surrogate stands for each such byte.
import { asText, unspell } from '../../../contract/spelling.ts';

/** Never in well-formed text; the low eight bits are the byte (as in Python's surrogateescape, PEP 383). */
const SURROGATE = 0xdc00;
const SURROGATES = /(\p{Cs}+)/u;

/** The kernel's path of a group, from the page's spelling. */
export function unspelled(group: string): string {
  return group.includes('\\x') ? pathOf(unspell(group)) : group;
}

/** @param bytes one character a byte ("latin1") */
export function pathOf(bytes: string): string {
  return asText(bytes, (byte) => String.fromCharCode(SURROGATE + byte.charCodeAt(0)));
}

/** A path for a system call. ("latin1" writes the low eight bits of each code unit.) */
export function onDisk(path: string): string | Buffer {
  if (path.isWellFormed()) return path;
  const parts = path.split(SURROGATES).map((part) => Buffer.from(part, part.isWellFormed() ? 'utf8' : 'latin1'));
  return Buffer.concat(parts);
}

/** A path for C, with a NUL at its end. */
export function cPath(path: string): Buffer {
  return Buffer.concat([Buffer.from(onDisk(path)), Buffer.alloc(1)]);
}
