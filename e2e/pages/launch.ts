// The launch page: presets and templates, the fields in their sections, and the button.
import { expect, type Locator, type Page } from '@playwright/test';

export type SectionName = 'Files' | 'Network' | 'Devices' | 'Privileges' | 'Environment' | 'Restart, stop';

export class LaunchPage {
  readonly page: Page;
  readonly name: Locator;
  readonly command: Locator;
  readonly script: Locator;
  readonly button: Locator;
  readonly templates: Locator;

  constructor(page: Page) {
    this.page = page;
    this.name = page.getByLabel('Name', { exact: true });
    this.command = page.getByLabel('Command', { exact: true });
    this.script = page.getByRole('region', { name: 'What will be written' });
    this.button = page.getByRole('main').getByRole('button', { name: 'Launch', exact: true });
    this.templates = page.getByRole('group', { name: 'Templates' });
  }

  async open(search = ''): Promise<void> {
    await this.page.goto(`/launch${search}`);
    await expect(this.page.getByRole('heading', { name: 'Launch', level: 1 })).toBeVisible();
  }

  async choose(preset: string): Promise<void> {
    const card = this.page.getByRole('group', { name: 'Presets' }).getByRole('button', { name: preset });
    await card.click();
    await expect(card).toHaveAttribute('aria-pressed', 'true');
  }

  /** A folding section; its summary is always visible. */
  section(name: SectionName): Locator {
    return this.page
      .getByRole('main')
      .locator('details')
      .filter({ has: this.page.locator('summary').getByText(name, { exact: true }) });
  }

  async unfold(name: SectionName): Promise<Locator> {
    const section = this.section(name);
    if ((await section.getAttribute('open')) === null) await section.locator('summary').click();
    return section;
  }

  field(label: string): Locator {
    return this.page.getByRole('main').getByLabel(label, { exact: true });
  }

  template(name: string): Locator {
    return this.templates.getByRole('button', { name, exact: true });
  }

  async saveAs(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Save as template' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'Save as template' });
    await dialog.getByLabel('Name of the template').fill(name);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(dialog).toBeHidden();
    await expect(this.template(name)).toBeVisible();
  }
}
