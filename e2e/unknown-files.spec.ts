// Control files that cgdeck does not know, on a group's page. Most kernels have none, so the server's answers get some on their way to the page.
import type { Page } from '@playwright/test';
import { FileList } from '../server/contract/answers.ts';
import { expect, test } from './test.ts';

const RATIO = 'memory.wmark_ratio';
const DROP = 'memory.drop_now';
const LONG = 'memory.reclaim_trace_of_every_zone_since_boot';
const TEXTS: Readonly<Record<string, { raw: string; cut?: true }>> = {
  [RATIO]: { raw: 'low 5\u001b[31m\nhigh 10' },
  [LONG]: {
    raw: Array.from({ length: 40 }, (_, zone) => `zone ${zone} reclaimed ${zone * 4096} of ${'x'.repeat(60)}`).join('\n'),
    cut: true,
  },
};

async function withUnknownFiles(page: Page): Promise<void> {
  await page.route(/\/api\/v1\/files\?/, async (route) => {
    const response = await route.fetch();
    const list = FileList.parse(await response.json());
    const added = [RATIO, DROP, LONG].map((name) => ({ name, version: 1, access: name === DROP ? 'write' : 'read', known: false }));
    await route.fulfill({ response, json: { ...list, files: [...list.files, ...added] } });
  });
  await page.route(/\/api\/v1\/files\/.*\/memory\.(wmark|reclaim_trace)/, async (route) => {
    const file = new URL(route.request().url()).pathname.split('/').at(-1) ?? '';
    await route.fulfill({ json: { group: '/', file, ...TEXTS[file] } });
  });
}

test('they are listed under their own names, with their text, and cannot be written', async ({ server, page, group }) => {
  const path = `${server.root}/unknown-files`;
  await server.do('POST', '/groups', { path });
  await withUnknownFiles(page);
  await group.open(path, 'files');
  await group.details.getByRole('button', { name: /^other \d+$/ }).click();
  const row = (name: string) => group.details.getByRole('listitem').filter({ hasText: name });
  await expect(row(RATIO)).toContainText('cgdeck does not know this file');
  await expect(row(RATIO).locator('pre')).toHaveText('low 5^[[31m\nhigh 10');
  await expect(row(LONG)).toContainText('Only its first 64 KiB are shown.');
  await expect(row(DROP)).toContainText('write only');
  for (const name of [RATIO, DROP, LONG]) await expect(row(name).getByRole('button')).toHaveCount(0);
  await group.details.getByRole('searchbox').fill('wmark');
  await expect(group.details.getByRole('listitem')).toHaveCount(1);
});

test('what the kernel lacks is named, and what it has is not read in vain', async ({ server, page, group }) => {
  const path = `${server.root}/known-files`;
  await server.do('POST', '/groups', { path });
  const refused: string[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/api/v1/files') && !response.ok()) refused.push(`${response.status()} ${response.url()}`);
  });
  await group.open(path, 'files');
  await group.details.getByRole('searchbox').fill('cpu.uclamp');
  await expect(group.details).toContainText(/Not on this kernel or in this group: .*cpu\.uclamp\.min|cpu\.uclamp\.max/);
  await group.details.getByRole('searchbox').fill('memory.');
  await expect(
    group.details
      .getByRole('listitem')
      .filter({ hasText: /memory\.(stat|pressure)/ })
      .first(),
  ).toContainText(/\d/);
  // What was asked for is answered before the group is removed.
  await page.waitForLoadState('networkidle');
  expect(refused).toEqual([]);
});
