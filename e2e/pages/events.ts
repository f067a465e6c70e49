// The log of events: filters, rows and details.
import { expect, type Locator, type Page } from '@playwright/test';

export class EventsPage {
  readonly page: Page;
  readonly list: Locator;
  readonly group: Locator;

  constructor(page: Page) {
    this.page = page;
    this.list = page.getByRole('region', { name: 'Events, newest first' });
    this.group = page.getByLabel('Filter by group');
  }

  async open(search = ''): Promise<void> {
    await this.page.goto(`/events${search}`);
    await expect(this.page.getByRole('heading', { name: 'Events', level: 1 })).toBeVisible();
  }

  /** A filter, with a count after its name. */
  kind(name: string): Locator {
    return this.page.getByRole('main').getByRole('button', { name: new RegExp(`^${name} ?[\\d,]+$`) });
  }

  async countOf(name: string): Promise<number> {
    return Number((await this.kind(name).textContent())?.replace(/\D/g, ''));
  }

  /** Rows, each a button that opens it. */
  row(...texts: ReadonlyArray<RegExp | string>): Locator {
    return texts.reduce<Locator>((rows, hasText) => rows.filter({ hasText }), this.list.getByRole('button', { expanded: false }));
  }

  /** One detail of an open row. */
  fact(name: string): Locator {
    return this.list
      .locator('dl > div')
      .filter({ has: this.page.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) }) })
      .getByRole('definition');
  }
}
