// The settings: destinations of notices, the last deliveries, and this browser's own.
import { expect, type Locator, type Page } from '@playwright/test';

export class SettingsPage {
  readonly page: Page;
  readonly dialog: Locator;
  readonly deliveries: Locator;

  constructor(page: Page) {
    this.page = page;
    this.dialog = page.getByRole('dialog');
    this.deliveries = page.getByRole('region', { name: 'Last deliveries' });
  }

  async open(): Promise<void> {
    await this.page.goto('/settings');
    await expect(this.page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  }

  destination(name: string): Locator {
    return this.page.getByRole('region', { name: 'Notices' }).getByRole('listitem', { name });
  }

  field(name: string): Locator {
    return this.dialog.getByLabel(name, { exact: true });
  }

  async choose(select: string, option: string): Promise<void> {
    await this.dialog.getByRole('combobox', { name: select }).click();
    await this.page.getByRole('option', { name: option }).click();
  }

  async save(): Promise<void> {
    await this.dialog.getByRole('button', { name: 'Save' }).click();
    await expect(this.dialog).toBeHidden();
  }
}
