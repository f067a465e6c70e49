// How group names, which anybody may choose, are written down: reversibly, byte for byte.
import { UNSEEN } from './visible.mjs';

/** A byte that a spelling has escaped. Others, such as systemd's \x2d, are part of the name as they stand. */
const ESCAPE = /\\x([01][0-9a-f]|5c|7f|[89a-f][0-9a-f])/g;
const STARTS_ESCAPE = /\\(?=x(?:[01][0-9a-f]|5c|7f|[89a-f][0-9a-f]))/g;
/** In a string of bytes: one well-formed character of UTF-8 (Unicode, table 3-7), or any other byte. */
const CHARACTER =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|./gs;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const bytesOf = (text: string) => String.fromCharCode(...encoder.encode(text));
const textOf = (bytes: string) => decoder.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
const escaped = (bytes: string) => Array.from(bytes, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');

/**
 * The spelling of a group's name or path, which is what stands on the wire, on disk and on the screen: UTF-8 as it is, and each byte that is none, or
 * belongs to a character that is not seen, as `\xHH`. A backslash that would read as such an escape is `\x5c`; each name has one spelling.
 * @param bytes the name as the kernel has it, a character for each byte ("latin1")
 */
export function spell(bytes: string): string {
  if (/^[\x20-\x7e]*$/.test(bytes) && !bytes.includes('\\x')) return bytes;
  return escapeUnseen(asText(bytes.replace(STARTS_ESCAPE, '\\x5c'), escaped));
}

/** @param bytes a character for each; one that is no UTF-8 becomes what `otherwise` makes of it */
export function asText(bytes: string, otherwise: (byte: string) => string): string {
  return bytes.replace(CHARACTER, (character) =>
    character.length === 1 && character >= '\x80' ? otherwise(character) : textOf(character),
  );
}

/** The bytes that a spelling stands for, a character for each. */
export function unspell(spelling: string): string {
  if (/^[\x20-\x7e]*$/.test(spelling) && !spelling.includes('\\x')) return spelling;
  return bytesOf(spelling).replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Characters that are not seen, escaped: what a person may type or paste for a spelling becomes one. */
export function escapeUnseen(text: string): string {
  return text.replace(UNSEEN, (character) => escaped(bytesOf(character)));
}

/** Whether a text is the one spelling of what it stands for, in characters that are seen. */
export function isSpelling(text: string): boolean {
  return spell(unspell(text)) === text;
}

/** Whether a spelling escapes anything: a name that was not made to be read. */
export function hasEscapes(spelling: string): boolean {
  return spelling.includes('\\x') && unspell(spelling) !== bytesOf(spelling);
}
