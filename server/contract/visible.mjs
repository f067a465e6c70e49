// Makes text from programs safe to show, on the page and on a terminal. Plain JavaScript: the command line runs on Node 20.

/** Control, format (bidi marks too) and separator characters, lone surrogates, and the replacement character for bytes that are not UTF-8. */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufffd]/gu;

/** Joiners, which some languages and emoji need. */
const JOINERS = '\u200c\u200d';

/**
 * Shows control characters as `^[`, other invisible ones as `<U+202E>`.
 * @param {string} text
 * @param {string} keep characters that stay, such as newline and tab
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
 * The same JSON with invisible characters as JSON's own escapes.
 * @param {string} json in one line
 */
export function visibleJson(json) {
  const unicode = (/** @type {number} */ unit) => `\\u${unit.toString(16).padStart(4, '0')}`;
  return json.replace(UNSEEN, (character) => Array.from({ length: character.length }, (_, i) => unicode(character.charCodeAt(i))).join(''));
}
