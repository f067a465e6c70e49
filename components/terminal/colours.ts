// A terminal’s sixteen colours from the page’s own, in the present theme.
import type { ITheme } from '@xterm/xterm';

/** The program chooses the colours; these are near to the usual ones. xterm keeps the contrast (minimumContrastRatio). */
const TOKENS = {
  foreground: 'text',
  background: 'surface',
  cursor: 'text',
  cursorAccent: 'surface',
  selectionBackground: 'usage-soft',
  scrollbarSliderBackground: 'line',
  scrollbarSliderHoverBackground: 'line-strong',
  scrollbarSliderActiveBackground: 'line-strong',
  black: 'line',
  red: 'hard',
  green: 'series-3',
  yellow: 'soft',
  blue: 'series-5',
  magenta: 'series-2',
  cyan: 'usage',
  white: 'quiet',
  brightBlack: 'line-strong',
  brightRed: 'hard',
  brightGreen: 'series-3',
  brightYellow: 'soft',
  brightBlue: 'series-5',
  brightMagenta: 'series-2',
  brightCyan: 'usage',
  brightWhite: 'text',
} as const satisfies ITheme;

/** @param element in the page: a token’s light-dark() is resolved only where it is used */
export function readColours(element: HTMLElement): ITheme {
  const probe = document.createElement('span');
  probe.hidden = true;
  element.append(probe);
  const colour = (token: string) => {
    probe.style.color = `var(--color-${token})`;
    return getComputedStyle(probe).color;
  };
  const theme = Object.fromEntries(Object.entries(TOKENS).map(([name, token]) => [name, colour(token)]));
  probe.remove();
  return theme;
}
