// The keyboard reaches every control that acts, on each page.
import type { Page } from '@playwright/test';
import { GroupPage } from './pages/group.ts';
import { expect, test } from './test.ts';

/** The accessible names of the Tab stops, in order. */
async function tabStops(page: Page, count: number): Promise<string[]> {
  const names: string[] = [];
  for (let n = 0; n < count; n++) {
    await page.keyboard.press('Tab');
    names.push(
      await page.evaluate(() => {
        const at = document.activeElement;
        return (
          at?.getAttribute('aria-label') ??
          (at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement ? at.labels?.[0] : at)?.textContent ??
          ''
        );
      }),
    );
  }
  return names;
}

test('the keyboard reaches the thumbs and the actions of a group', async ({ page, run }) => {
  const { group: path } = await run({ name: 'reached', argv: ['sleep', '600'] });
  await new GroupPage(page).open(path);
  const stops = await tabStops(page, 48);
  for (const name of [
    'Freeze',
    'Kill…',
    'Remove…',
    'Run inside…',
    'Stop…',
    'Launch again',
    'Edit and launch',
    'Hard limit',
    'Soft limit',
    'Hard limit, exactly',
  ])
    expect(stops, `${name} in ${stops.join(', ')}`).toContain(name);
});

test('the keyboard reaches the fields of a launch', async ({ page, launch }) => {
  await launch.open();
  const stops = await tabStops(page, 70);
  for (const name of ['Name', 'Command', 'Hard limit', 'Launch']) expect(stops, name).toContain(name);
});

test('the keyboard reaches the filter, the buttons and the table of the deck', async ({ page, run, deck }) => {
  await run({ name: 'listed', argv: ['sleep', '600'] });
  await deck.open();
  const stops = await tabStops(page, 30);
  for (const name of ['Filter groups', 'New group', 'Launch', 'Control groups']) expect(stops, name).toContain(name);
});
