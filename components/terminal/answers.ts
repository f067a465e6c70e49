// What a terminal answers by itself to a program's question, told apart from what somebody typed.

/**
 * Device attributes, status, cursor position, modes, the window's size, the focus (told as soon as a program asks to be told), and strings
 * (colours, settings), as xterm sends them (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html). F3 with a modifier reads as a cursor
 * position: the sequences are the same.
 */
const AFTER_ESCAPE = /^(?:\[[?>]?[\d;]*(?:\$y|[cnRt])|\[[IO]$|[P\]])/;
const ESCAPE = '\x1b';

export function isAnswer(text: string): boolean {
  return text.startsWith(ESCAPE) && AFTER_ESCAPE.test(text.slice(ESCAPE.length));
}
