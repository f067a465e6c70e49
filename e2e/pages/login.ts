// The login page.
import { expect, type Locator, type Page } from '@playwright/test';

export class LoginPage {
  readonly page: Page;
  readonly token: Locator;
  readonly refusal: Locator;

  constructor(page: Page) {
    this.page = page;
    this.token = page.getByLabel('Token');
    this.refusal = page.getByRole('main').getByRole('alert');
  }

  async open(): Promise<void> {
    await this.page.goto('/login');
  }

  async logIn(token: string): Promise<void> {
    await this.token.fill(token);
    await this.page.getByRole('button', { name: 'Log in' }).click();
  }

  async isHere(): Promise<void> {
    await expect(this.page).toHaveURL(/\/login/);
    await expect(this.token).toBeVisible();
  }
}
