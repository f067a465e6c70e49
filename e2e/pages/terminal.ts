// A terminal in its tab: its screen, typed text, and how the keyboard leaves it.
import { expect, type Locator, type Page } from '@playwright/test';

export class TerminalPanel {
  readonly page: Page;
  readonly panel: Locator;
  readonly screen: Locator;
  /** Its state, in a word and perhaps a sentence. */
  readonly status: Locator;
  /** xterm's rows, which it hides from screen readers: those have a list of their own. */
  readonly rows: Locator;
  readonly keys: Locator;

  constructor(page: Page) {
    this.page = page;
    this.panel = page.getByRole('tabpanel', { name: 'Terminal' });
    this.screen = this.panel.getByRole('region', { name: 'Terminal' });
    this.status = this.panel.getByRole('status');
    this.rows = this.screen.locator('.xterm-rows');
    this.keys = this.screen.getByRole('textbox');
  }

  async isLive(): Promise<void> {
    await expect(this.status).toHaveText('Live');
    // Outside the view nothing is rendered.
    await this.screen.scrollIntoViewIfNeeded();
  }

  async type(line: string): Promise<void> {
    await this.keys.focus();
    await this.page.keyboard.type(`${line}\n`);
  }

  async press(key: string): Promise<void> {
    await this.keys.focus();
    await this.page.keyboard.press(key);
  }

  /** A line of the screen, as a whole. */
  async shows(line: string | RegExp): Promise<void> {
    const wanted = typeof line === 'string' ? new RegExp(`^${line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`) : line;
    await expect.poll(async () => (await this.lines()).some((shown) => wanted.test(shown)), { message: `a line ${wanted}` }).toBe(true);
  }

  /** Non-empty rows; xterm fills rows with no-break spaces. */
  async lines(): Promise<string[]> {
    const rows = await this.rows.locator('> div').allTextContents();
    return rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd()).filter((row) => row !== '');
  }

  button(name: string | RegExp): Locator {
    return this.panel.getByRole('button', { name });
  }
}
