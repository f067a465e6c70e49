// What a terminal answers by itself to a program’s question, as opposed to typed text.

/**
 * Device attributes, status, cursor position, modes, the window’s size, the focus (sent once a program asks for it), and strings
 * (colours, settings), as xterm sends them (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html). F3 with a modifier looks like a cursor
 * position: the sequences are the same.
 */
const AFTER_ESCAPE = /^(?:\[[?>]?[\d;]*(?:\$y|[cnRt])|\[[IO]$|[P\]])/;
const ESCAPE = '\x1b';

export function isAnswer(text: string): boolean {
  return text.startsWith(ESCAPE) && AFTER_ESCAPE.test(text.slice(ESCAPE.length));
}
