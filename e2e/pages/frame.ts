// What stands around every page: the ways to the others, the strip, the tape of events, news and questions.
import { expect, type Locator, type Page } from '@playwright/test';

export class Frame {
  readonly page: Page;
  readonly nav: Locator;
  readonly tape: Locator;
  /** Asks before something that cannot be undone. */
  readonly question: Locator;

  constructor(page: Page) {
    this.page = page;
    this.nav = page.getByRole('navigation', { name: 'Pages' });
    this.tape = page.getByRole('complementary', { name: 'Latest events' });
    this.question = page.getByRole('alertdialog');
  }

  async goTo(name: 'Deck' | 'Launch' | 'Events'): Promise<void> {
    await this.nav.getByRole('link', { name, exact: true }).click();
  }

  /** Presses the button that does what the question is about. */
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

  /** Short news at the lower edge. */
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

  /** Resolves once the page has shown this text, however shortly: it looks at every change of the page. */
  untilItSays(text: string): Promise<void> {
    return this.page.evaluate(
      (wanted) =>
        new Promise<void>((shown) => {
          const observer = new MutationObserver(look);
          function look() {
            if (!document.querySelector('main')?.textContent.includes(wanted)) return;
            observer.disconnect();
            shown();
          }
          observer.observe(document.body, { subtree: true, childList: true, characterData: true });
          look();
        }),
      text,
    );
  }

  async isLive(): Promise<void> {
    await expect(this.page.getByRole('banner').getByText('Live', { exact: true })).toBeVisible();
  }
}
