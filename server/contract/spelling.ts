// The spelling of group names, which may be any bytes, as text: reversible, byte for byte.
import { UNSEEN } from './visible.mjs';

/** An escaped byte. Other escapes, such as systemd's \x2d, are part of the name. */
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
 * The spelling of a group's name or path on the wire, on disk and on the screen: UTF-8 unchanged, and each byte that is not UTF-8, or
 * belongs to an invisible character, as `\xHH`. A backslash that would read as such an escape is `\x5c`; each name has one spelling.
 * @param bytes the kernel's name, one character a byte ("latin1")
 */
export function spell(bytes: string): string {
  if (/^[\x20-\x7e]*$/.test(bytes) && !bytes.includes('\\x')) return bytes;
  return escapeUnseen(asText(bytes.replace(STARTS_ESCAPE, '\\x5c'), escaped));
}

/** @param bytes one character a byte @param otherwise what to put for a byte that is not UTF-8 */
export function asText(bytes: string, otherwise: (byte: string) => string): string {
  return bytes.replace(CHARACTER, (character) =>
    character.length === 1 && character >= '\x80' ? otherwise(character) : textOf(character),
  );
}

/** The bytes of a spelling, one character a byte. */
export function unspell(spelling: string): string {
  if (/^[\x20-\x7e]*$/.test(spelling) && !spelling.includes('\\x')) return spelling;
  return bytesOf(spelling).replace(ESCAPE, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Escapes invisible characters, which a person may have pasted. */
export function escapeUnseen(text: string): string {
  return text.replace(UNSEEN, (character) => escaped(bytesOf(character)));
}

/** Whether a text is the spelling of its bytes. */
export function isSpelling(text: string): boolean {
  return spell(unspell(text)) === text;
}

/** Whether a spelling has escapes. */
export function hasEscapes(spelling: string): boolean {
  return spelling.includes('\\x') && unspell(spelling) !== bytesOf(spelling);
}
