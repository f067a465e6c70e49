// The whole story on one screen: the preset with a guard is launched, held at its line, its limit raised, and it ends with code 0.
import { slowly } from './slowly.ts';
import { expect, test } from './test.ts';

const MIB = 2 ** 20;

test.setTimeout(slowly(180_000));

test('rescued at the wall', async ({ page, server, kernel, launch, group, logged }) => {
  const rescued = `${server.root}/rescued`;
  await launch.open();
  await launch.choose('Rescued at the wall');
  await expect(page.getByText('held at 90 % of its limit', { exact: true })).toBeVisible();
  // Fewer than the preset’s, so that the test is short.
  await launch.command.fill('cgdeck-load leak 40 160');
  await page.getByLabel('Hard limit, exactly').fill('96M');
  await page.getByLabel('Hard limit, exactly').press('Enter');
  await launch.button.click();
  await group.isOf(rescued);
  const panel = page.getByRole('region', { name: 'Held groups' });
  await panel.getByRole('button', { name: 'Raise to 144 MiB' }).focus();
  await expect(panel).toContainText('It continues with');
  await expect(group.memory).toContainText('The guard holds it at 86.4 MiB; its limit is 96 MiB.');
  expect(await group.thumbBytes('Hard limit')).toBe(96 * MIB);
  await page.keyboard.press('a');
  const slider = panel.getByRole('slider', { name: `New limit of ${rescued}` });
  await expect(slider).toBeFocused();
  for (const key of ['PageUp', 'PageUp', 'Enter']) await page.keyboard.press(key);
  await expect(panel).toContainText('Continues with a limit of 384 MiB');
  await expect.poll(() => logged('exit', rescued)).toMatchObject([{ code: 0 }]);
  expect(await kernel.measure(rescued, 'oom-kills')).toBe(0);
});
