// A kill without a guard: from the event to the report, which names the victim and the reason.
import { expect, test } from './test.ts';

test('from the event of a kill to its report: the sentence, the minute before, the victim, and a text for a ticket', async ({
  page,
  context,
  server,
  events,
  run,
  logged,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { group } = await run({ name: 'leak', argv: ['cgdeck-load', 'leak', '12'], limits: { 'memory-hard-limit': '64M' } });
  await expect.poll(async () => (await logged('oom_kill', group)).length).toBeGreaterThan(0);
  await events.open(`?group=${encodeURIComponent(group)}&kinds=oom_kill`);
  await events.row('OOM kill').first().click();
  await page.getByRole('link', { name: 'Why: the report' }).click();
  const sentence = page.getByRole('heading', { level: 1 });
  await expect(sentence).toHaveText(
    new RegExp(
      `^cgdeck-load was killed because ${group} reached its own limit of 64 MiB; it grew by .* a second for .*; .* % was anonymous memory; nothing could be reclaimed\\.$`,
    ),
  );
  await expect(page.getByRole('region', { name: 'Victim' }).getByText('cgdeck-load leak 12').first()).toBeVisible();
  await expect(page.getByRole('figure', { name: 'The minute before' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Kernel log' })).toContainText('invoked oom-killer');
  if (process.env.CGDECK_PICTURES !== undefined) await page.screenshot({ path: 'test-results/looks/report-of-a-leak.png' });
  await page.getByRole('button', { name: 'Copy for a ticket' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(text).toContain(String(await sentence.textContent()));
  expect(text).toContain('Killed process');

  // By its address, and from the list.
  await page.reload();
  await expect(sentence).toContainText('was killed because');
  await page.goto(`${server.url}/reports?group=${encodeURIComponent(group)}`);
  await page
    .getByRole('main')
    .getByRole('link', { name: /^cgdeck-load was killed because/ })
    .click();
  await expect(sentence).toContainText('was killed because');
});

test('a report that is not there, and an address without a number, are reported', async ({ page, complaints }) => {
  complaints.allow(/status of 404/);
  await page.goto('/report?id=999999999');
  await expect(page.getByRole('main').getByRole('alert')).toContainText('There is no report about event 999999999');
  await page.goto('/report');
  await page.getByRole('link', { name: 'All reports' }).click();
  await expect(page.getByRole('heading', { name: 'Reports', exact: true })).toBeVisible();
});
