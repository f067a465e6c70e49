// The deck: the table of all groups, its filter, selection and dialogs.
import { expect, type Locator, type Page } from '@playwright/test';

export class DeckPage {
  readonly page: Page;
  readonly #root: string;
  readonly table: Locator;
  readonly filter: Locator;
  readonly selection: Locator;
  readonly dialog: Locator;

  constructor(page: Page, root: string) {
    this.page = page;
    this.#root = root;
    this.table = page.getByRole('treegrid', { name: 'Control groups' });
    this.filter = page.getByLabel('Filter groups');
    this.selection = page.getByRole('region', { name: 'Selection' });
    this.dialog = page.getByRole('dialog');
  }

  /** @param search by default the test's own groups: a machine may have more groups than rows fit on the screen. */
  async open(search = `?q=${this.#root.slice(1)}`): Promise<void> {
    await this.page.goto(`/${search}`);
    await expect(this.rows().first()).toBeVisible();
  }

  /** The row of a test's group by the name in the table; other groups on the machine may have the same name. */
  row(name: string): Locator {
    return this.table
      .getByRole('row')
      .and(this.page.locator(`[data-group^="${this.#root}/"]`))
      .filter({ has: this.page.getByText(name, { exact: true }) });
  }

  /** The rows in the page, without the head. */
  rows(): Locator {
    return this.table.getByRole('row').filter({ has: this.page.getByRole('gridcell') });
  }

  head(name: string): Locator {
    return this.table.getByRole('columnheader', { name, exact: true });
  }

  /** A group's cell below a head, in the columns that there are at this width. */
  async cell(name: string, head: string): Promise<Locator> {
    const heads = await this.table.getByRole('columnheader').allTextContents();
    return this.row(name).getByRole('gridcell').nth(heads.indexOf(head));
  }

  async sortBy(name: string): Promise<void> {
    await this.head(name).getByRole('button').click();
  }

  /** The table's number of groups, on the screen or not. */
  async count(): Promise<number> {
    return Number(await this.table.getAttribute('aria-rowcount')) - 1;
  }

  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** The group under the cursor. */
  async at(): Promise<string> {
    const id = (await this.table.getAttribute('aria-activedescendant')) ?? '';
    return decodeURIComponent(id.replace(/^group-/, ''));
  }
}
