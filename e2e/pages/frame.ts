// The frame around every page: links, the strip, the event tape, toasts and questions.
import { expect, type Locator, type Page } from '@playwright/test';

export class Frame {
  readonly page: Page;
  readonly nav: Locator;
  readonly tape: Locator;
  /** The question before an action that cannot be undone. */
  readonly question: Locator;

  constructor(page: Page) {
    this.page = page;
    this.nav = page.getByRole('navigation', { name: 'Pages' });
    this.tape = page.getByRole('complementary', { name: 'Latest events' });
    this.question = page.getByRole('alertdialog');
  }

  async goTo(name: 'Deck' | 'Launch' | 'Events' | 'Files' | 'Settings'): Promise<void> {
    await this.nav.getByRole('link', { name, exact: true }).click();
  }

  /** Answers the question with the button that acts. */
  async confirm(title: RegExp | string, verb: RegExp | string): Promise<void> {
    await expect(this.question.getByRole('heading')).toHaveText(title);
    await this.question.getByRole('button', { name: verb }).click();
    await expect(this.question).toBeHidden();
  }

  /** An event on the tape: its kind, of this group. */
  event(kind: RegExp | string, group: string): Locator {
    return this.tape
      .getByRole('listitem')
      .filter({ hasText: kind })
      .filter({ has: this.page.getByText(group, { exact: true }) });
  }

  /** A toast at the lower edge. */
  news(text: RegExp | string): Locator {
    return this.page.getByRole('dialog').filter({ hasText: text });
  }

  async logOut(): Promise<void> {
    await this.page.getByRole('button', { name: /^Account/ }).click();
    await this.page.getByRole('menuitem', { name: 'Log out' }).click();
  }

  /** Changes when the page is loaded again, and only then. */
  loadedAt(): Promise<number> {
    return this.page.evaluate(() => performance.timeOrigin);
  }

  /** Watches every change of the strip from now on; the result resolves once it was stale, however shortly. */
  async watchForStale(): Promise<() => Promise<void>> {
    const old = await this.page.getByRole('banner').evaluateHandle((strip) => {
      const isStale = new Promise<void>((done) => {
        const observer = new MutationObserver(() => {
          if (![...strip.querySelectorAll('span')].some(({ textContent }) => textContent === 'Stale')) return;
          observer.disconnect();
          done();
        });
        observer.observe(strip, { subtree: true, childList: true, characterData: true });
      });
      return { isStale };
    });
    return () => old.evaluate(({ isStale }) => isStale);
  }

  /** Shows who does not answer, after a while. */
  get staleBar(): Locator {
    return this.page.getByRole('main').getByRole('status').filter({ hasText: 'The readings are from' });
  }

  async isLive(): Promise<void> {
    await expect(this.page.getByRole('banner').getByText('Live', { exact: true })).toBeVisible();
  }
}
