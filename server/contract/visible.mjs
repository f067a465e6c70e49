// Text that programs chose, made harmless for a person's eyes: plain JavaScript, for the page and for the command line, which runs on Node 20.

/** Control, format (bidi marks among them) and separator characters, halves of characters, and what decoders put in place of bytes that are no UTF-8. */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufffd]/gu;

/** Joiners, which words of some languages and some emoji have inside. */
const JOINERS = '\u200c\u200d';

/**
 * A program's name, arguments or output: control characters as `^[`, others that are not seen as `<U+202E>`.
 * @param {string} text
 * @param {string} keep characters that stay, such as newline and tab where they are layout
 */
export function visible(text, keep = '') {
  return text.replace(UNSEEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (keep.includes(character) || JOINERS.includes(character) || character === '\ufffd') return character;
    if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`;
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

/**
 * The same JSON, with what is not seen in its texts as JSON's own escapes.
 * @param {string} json in one line
 */
export function visibleJson(json) {
  const unicode = (/** @type {number} */ unit) => `\\u${unit.toString(16).padStart(4, '0')}`;
  return json.replace(UNSEEN, (character) => Array.from({ length: character.length }, (_, i) => unicode(character.charCodeAt(i))).join(''));
}
