// The reference of control files: found by either version's name, with the other's beside it; a link shows a colleague the same.
import { controlFiles } from '../server/contract/control-files.ts';
import { expect, test } from './test.ts';

test('a file of one version links to that of the other, and the URL has the position', async ({ page, frame }) => {
  await page.goto('/');
  await frame.goTo('Files');
  await expect(page.getByRole('heading', { name: 'Control files' })).toBeVisible();
  const rows = page.getByRole('main').getByRole('heading', { level: 2 });
  await page.getByRole('button', { name: 'v1 → v2' }).click();
  const memory = controlFiles.filter(({ version, controller }) => version === 1 && controller === 'memory');
  await expect(rows).toHaveCount(memory.length);

  await page.getByLabel('Find a control file').fill('cpu.shares');
  await expect(rows.first()).toHaveText('cpu.shares');
  await page.getByRole('button', { name: 'cpu.weight' }).click();
  await expect(page.getByRole('button', { name: 'v2 → v1' })).toHaveAttribute('aria-pressed', 'true');
  await expect(rows.first()).toHaveText('cpu.weight');
  await page.reload();
  await expect(rows.first()).toHaveText('cpu.weight');
  await expect(page.getByText(/2 to 262144/).first()).toBeVisible();

  await page.getByLabel('Find a control file').fill('freezer.state no');
  await page.getByRole('button', { name: 'Search v1' }).click();
  await expect(page.getByText('No file of v1 matches')).toBeVisible();
});
