// The page for everybody: in the colours that a person's system forces, and with characters and names of any width.
import type { Locator } from '@playwright/test';
import { holding, SHELL, TWO_STREAMS } from './load.ts';
import { expect, test } from './test.ts';

/** The colour that is shown behind an element, and that of the page. */
async function behind(locator: Locator): Promise<{ readonly own: string; readonly canvas: string }> {
  return locator.evaluate((element) => {
    const canvas = document.createElement('span');
    canvas.style.cssText = 'background: Canvas; forced-color-adjust: none';
    document.body.append(canvas);
    const colours = { own: getComputedStyle(element).backgroundColor, canvas: getComputedStyle(canvas).backgroundColor };
    canvas.remove();
    return colours;
  });
}

for (const colorScheme of ['dark', 'light'] as const)
  test(`in forced colours, ${colorScheme}, bars, marks and what is chosen can be seen`, async ({ page, deck, group, run }) => {
    await page.emulateMedia({ forcedColors: 'active', colorScheme });
    const { group: path } = await run({ name: 'forced', argv: holding(16), limits: { 'memory-hard-limit': '64M' } });
    await deck.open();
    const row = page.getByRole('row').filter({ hasText: 'forced' });
    for (const mark of ['.bg-usage', '.bg-hard', '.bg-line']) {
      const { own, canvas } = await behind(row.locator(mark).first());
      expect(own, mark).not.toBe(canvas);
    }
    await run({ name: 'chosen', argv: TWO_STREAMS });
    await group.open(path);
    const { own, canvas } = await behind(group.memory.locator('.bg-usage').first());
    expect(own, 'the rail').not.toBe(canvas);
    await group.open(path.replace('forced', 'chosen'), 'output');
    const chosen = page.getByRole('button', { name: 'All', exact: true });
    await expect(chosen).toHaveAttribute('aria-pressed', 'true');
    const back = await behind(chosen);
    expect(back.own, 'what is chosen').not.toBe(back.canvas);
  });

test('a program and the screen agree on where the cursor is after wide characters', async ({ group, terminal, run }) => {
  // Two emoji, and the question where the cursor is; it waits for a line, since without a screen there is no answer.
  const asks = String.raw`read go; stty -icanon -echo; printf '\360\237\230\200\360\237\230\200\033[6n'; answer=$(dd bs=1 count=6 2>/dev/null)`;
  const argv = ['sh', '-c', `${asks}; printf '\\n%s\\n' "\${answer#?}"; exec sleep 600`];
  const { group: path } = await run({ name: 'wide', ...SHELL, argv });
  await group.open(path);
  await group.show(/^Terminal/);
  await terminal.isLive();
  await terminal.type('go');
  await terminal.shows(/^\[\d;5R$/);
});

test('a command of eleven thousand characters leaves the rail where it is, and unfolds', async ({ page, group, run }) => {
  const { group: path } = await run({ name: 'long', argv: ['sh', '-c', 'exec sleep 600', 'x'.repeat(11_000)] });
  await group.open(path);
  await expect(page.getByRole('button', { name: 'Unfold the command' })).toBeVisible();
  await expect(group.memory).toBeInViewport();
  await page.getByRole('button', { name: 'Unfold the command' }).click();
  await expect(page.getByRole('button', { name: 'Fold the command' })).toHaveAttribute('aria-expanded', 'true');
  await expect(group.memory).toBeInViewport();
});

test('all of the output is searched and copied, not what is on the screen alone', async ({ page, context, group, run }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { group: path } = await run({ name: 'much', argv: ['sh', '-c', 'seq -f "line %.0f" 20000; exec sleep 600'] });
  await group.open(path, 'output');
  await expect(group.output.getByText('line 20000', { exact: true })).toBeVisible();
  await group.output.focus();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('LINE 4321');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(page.getByText('1 of 1 line', { exact: true }).first()).toBeVisible();
  await expect(group.output.locator('mark')).toHaveText('line 4321');
  await group.output.focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+c');
  await expect(page.getByText('All of it is copied.').first()).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.split('\n').filter((line) => /^line \d+$/.test(line))).toHaveLength(20_000);
});

test('a key of a Cyrillic layout and of CapsLock acts, and a reader hears the answer, not the readings', async ({
  page,
  deck,
  group,
  kernel,
  run,
}) => {
  const { group: path } = await run({ name: 'spoken', argv: ['cgdeck-load', 'leak', '1'], limits: { 'memory-hard-limit': '512M' } });
  await group.open(path);
  const spoken = page.locator('[role="status"].sr-only').last();
  await expect(group.memory.locator('[aria-live="polite"]')).toHaveCount(0);
  await expect(spoken).toHaveText('');
  await deck.open(`?q=${path}`);
  await deck.table.focus();
  await deck.press('End');
  await expect.poll(() => deck.at()).toBe(path);
  const key = (letter: string, code: string) =>
    page.evaluate((init) => document.body.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true })), {
      key: letter,
      code,
    });
  await key('а', 'KeyF');
  await expect.poll(() => kernel.isFrozen(path)).toBe(true);
  await key('T', 'KeyT');
  await expect.poll(() => kernel.isFrozen(path)).toBe(false);
});
