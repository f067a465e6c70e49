// The launch page: a preset, a name, limits, namespaces, and the button.
import { expect, type Locator, type Page } from '@playwright/test';

export class LaunchPage {
  readonly page: Page;
  readonly name: Locator;
  readonly command: Locator;
  readonly script: Locator;
  readonly button: Locator;

  constructor(page: Page) {
    this.page = page;
    this.name = page.getByLabel('Name', { exact: true });
    this.command = page.getByLabel('Command', { exact: true });
    this.script = page.getByRole('region', { name: 'What will be written' });
    this.button = page.getByRole('main').getByRole('button', { name: 'Launch', exact: true });
  }

  async open(): Promise<void> {
    await this.page.goto('/launch');
    await expect(this.page.getByRole('heading', { name: 'Launch', level: 1 })).toBeVisible();
  }

  async choose(preset: string): Promise<void> {
    const card = this.page.getByRole('group', { name: 'Presets' }).getByRole('button', { name: preset });
    await card.click();
    await expect(card).toHaveAttribute('aria-pressed', 'true');
  }
}
