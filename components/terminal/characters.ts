// How many cells a character has: as the C library counts for the program, which otherwise has its cursor elsewhere than the screen.
import { Unicode11Addon } from '@xterm/addon-unicode11';
import type { Terminal } from '@xterm/xterm';

/** Emoji and what came after Unicode 6 have two cells where wcwidth(3) says so; joined ones the sum of their parts, as programs count. The terminal has to allow proposed API. */
export function wideCharacters(terminal: Pick<Terminal, 'loadAddon' | 'unicode'>): void {
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = '11';
}
