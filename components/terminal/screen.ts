// xterm as the page uses it: its look, size, keys, and clipboard.
import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { layoutKey } from '../frame/layout-key.ts';
import { watchTheme } from '../frame/theme.ts';
import { isAnswer } from './answers.ts';
import { wideCharacters } from './characters.ts';
import { readColours } from './colours.ts';
import { withAdoptedStyles } from './style-elements.ts';

const FONT_PX = 12.5;
const SETTLED_MS = 100;
/** AA (WCAG 1.4.3), whatever colours a program combines. */
const CONTRAST = 4.5;
const SCROLLBACK_LINES = 5000;
/** CAN ends an incomplete escape sequence; RIS resets the screen. */
const RESET = '\x18\x1bc';

export interface ScreenOptions {
  readonly element: HTMLElement;
  readonly onInput: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly onSize: (columns: number, rows: number) => void;
  /** The key that leaves the terminal. */
  readonly onLeave: () => void;
  readonly onCopy: () => void;
}

export class Screen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #options: ScreenOptions;
  readonly #stop: (() => void)[];
  #oldWrites = 0;
  #mayType = false;

  private constructor(options: ScreenOptions, fontFamily: string) {
    const { element } = options;
    this.#options = options;
    this.#terminal = new Terminal({
      fontFamily,
      fontSize: FONT_PX,
      lineHeight: 1.2,
      scrollback: SCROLLBACK_LINES,
      minimumContrastRatio: CONTRAST,
      theme: readColours(element),
      disableStdin: true,
      // For the widths of characters.
      allowProposedApi: true,
    });
    const terminal = this.#terminal;
    terminal.loadAddon(this.#fit);
    wideCharacters(terminal);
    terminal.attachCustomKeyEventHandler((event) => this.#key(event));
    terminal.onData((text) => this.#input(text));
    terminal.onBinary((text) => options.onInput(Uint8Array.from(text, (character) => character.charCodeAt(0))));
    terminal.onResize(({ cols, rows }) => options.onSize(cols, rows));
    withAdoptedStyles(() => terminal.open(element));
    const unwatch = watchTheme(() => {
      terminal.options.theme = readColours(element);
    });
    this.#stop = [unwatch, this.#followSize(element)];
    this.#fit.fit();
    options.onSize(terminal.cols, terminal.rows);
  }

  /** Resolves when the font is loaded: a cell is measured once. */
  static async open(options: ScreenOptions): Promise<Screen> {
    const { fontFamily } = getComputedStyle(options.element);
    await document.fonts.load(`${FONT_PX}px ${fontFamily}`).catch(() => undefined);
    return new Screen(options, fontFamily);
  }

  /** @param isOld a question in it (where the cursor is, what terminal this is) was answered long ago, and gets no second answer */
  write(bytes: Uint8Array, isOld: boolean, shown: () => void): void {
    if (isOld) this.#oldWrites++;
    this.#terminal.write(bytes, () => {
      if (isOld) this.#oldWrites--;
      shown();
    });
  }

  /** After what is still to be written. */
  reset(): void {
    this.#terminal.write(RESET);
  }

  setMayType(mayType: boolean): void {
    this.#mayType = mayType;
    this.#terminal.options.disableStdin = !mayType;
    this.#terminal.options.cursorBlink = mayType;
  }

  setReader(on: boolean): void {
    this.#terminal.options.screenReaderMode = on;
  }

  /** The selection, or everything. */
  get text(): string {
    if (this.#terminal.hasSelection()) return this.#terminal.getSelection();
    this.#terminal.selectAll();
    const all = this.#terminal.getSelection();
    this.#terminal.clearSelection();
    return all.trimEnd();
  }

  paste(text: string): void {
    this.#terminal.paste(text);
    this.#terminal.focus();
  }

  focus(): void {
    this.#terminal.focus();
  }

  dispose(): void {
    for (const stop of this.#stop) stop();
    this.#terminal.dispose();
  }

  /** Typed keys count, whatever is being written to the screen. */
  #input(text: string): void {
    if (this.#oldWrites > 0 && isAnswer(text)) return;
    this.#options.onInput(new TextEncoder().encode(text));
  }

  /** @returns false to leave the key to the browser */
  #key(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown') return true;
    // Where typing is off, Tab moves on as everywhere.
    if (event.key === 'Tab' && !this.#mayType) return false;
    if (!event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return true;
    switch (layoutKey(event)) {
      case 'C':
        event.preventDefault();
        this.#options.onCopy();
        return false;
      case 'V':
        return false;
      case 'L':
        event.preventDefault();
        this.#options.onLeave();
        return false;
      default:
        return true;
    }
  }

  #followSize(element: HTMLElement): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const observer = new ResizeObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#fit.fit(), SETTLED_MS);
    });
    observer.observe(element);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }
}
