// A launched program's terminal: typing, its size, a flood of output, its end, the keyboard.
import AxeBuilder from '@axe-core/playwright';
import { REST, SHELL } from './load.ts';
import { expect, test } from './test.ts';

test('a shell in its own namespaces answers, and sees only these', async ({ group, terminal, run }) => {
  const { group: path } = await run({ name: 'shell', ...SHELL, init: false });
  await group.open(path);
  await group.show(/^Terminal/);
  await terminal.isLive();
  await terminal.type('echo $((6*7))');
  await terminal.shows('42');
  await terminal.type('cat /proc/1/comm');
  await terminal.shows('sh');
  await terminal.type("tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' ' | tr '\\n' .; echo end");
  await terminal.shows('lo.end');
});

test('after a launch from the page, or a program run inside, one can type at once', async ({ page, server, group, terminal, launch }) => {
  await launch.open();
  await launch.choose('A shell to type into');
  await launch.name.fill('typed');
  await launch.button.click();
  await group.isOf(`${server.root}/typed`);
  await expect(terminal.status).toHaveText('Live');
  await expect(terminal.screen).toBeInViewport({ ratio: 0.9 });
  await expect(terminal.keys).toBeFocused();
  await page.keyboard.type('echo $((6*7))\n');
  await terminal.shows('42');
  await group.runInside('sh', true);
  await expect(terminal.status).toHaveText('Live');
  await expect(terminal.keys).toBeFocused();
  await page.keyboard.type('echo $((7*7))\n');
  await terminal.shows('49');
  await expect(page).toHaveURL((url) => url.hash === '');
});

test('a slow page loses no typed text in a terminal that has just started', async ({ page, group, terminal, run }) => {
  // A busy browser handles keys before timers, and xterm renders by timers.
  await page.addInitScript((lateMs) => {
    const { setTimeout } = window;
    Object.assign(window, { setTimeout: (run: () => void, ms = 0) => setTimeout(run, ms + lateMs) });
  }, 500);
  const { group: path } = await run({ name: 'slow', ...SHELL });
  await group.open(path, 'terminal');
  await terminal.isLive();
  await terminal.keys.focus();
  await page.keyboard.type('echo slow-$((7*7))\n', { delay: 15 });
  await terminal.shows('slow-49');
});

test('its size is the screen’s, and follows it', async ({ page, group, terminal, run }) => {
  const { group: path } = await run({ name: 'sized', ...SHELL });
  await group.open(path, 'terminal');
  await terminal.isLive();
  const columns = async (mark: string) => {
    await terminal.type(`echo ${mark}-$(stty size | tr ' ' x)`);
    await terminal.shows(new RegExp(`^${mark}-\\d+x\\d+$`));
    const line = (await terminal.lines()).find((shown) => shown.startsWith(`${mark}-`) && /x\d+$/.test(shown)) ?? '';
    return Number(line.split('x')[1]);
  };
  const wide = await columns('wide');
  expect(wide).toBeGreaterThan(80);
  await page.setViewportSize({ width: 800, height: 800 });
  // The new size is sent a moment after the last resize.
  let tries = 0;
  await expect.poll(() => columns(`narrow${++tries}`)).toBeLessThan(wide);
});

test('a flood blocks nothing: Ctrl-C brings the prompt back, and the deck is live meanwhile', async ({
  server,
  frame,
  group,
  terminal,
  run,
}) => {
  const { group: path } = await run({ name: 'flooded', ...SHELL });
  await group.open(path, 'terminal');
  await terminal.isLive();
  await terminal.type('yes flood');
  await terminal.shows('flood');
  await server.ticks(4);
  await frame.isLive();
  await terminal.press('Control+C');
  await terminal.type('echo calm-$((1+1))');
  // The kernel's echo and the shell's prompt may come in either order.
  await terminal.shows(/^(> )?calm-2$/);
});

test('after the end the last screen stays, marked as ended', async ({ group, terminal, run }) => {
  const { group: path } = await run({ name: 'ends', ...SHELL });
  await group.open(path, 'terminal');
  await terminal.isLive();
  await terminal.type('echo last-$((1+1)); exit');
  await expect(terminal.status).toContainText('Ended');
  await terminal.shows('last-2');
  await group.page.reload();
  await expect(group.details.getByRole('heading', { name: 'This program has ended' })).toBeVisible();
});

test('the keyboard can enter and leave, and nothing in the tab is hidden from a screen reader', async ({ page, group, terminal, run }) => {
  const { group: path } = await run({ name: 'reached', ...SHELL });
  await group.open(path, 'terminal');
  await terminal.isLive();
  await terminal.button(/^Copy/).focus();
  await page.keyboard.press('Tab');
  await expect(terminal.keys).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(terminal.keys).toBeFocused();
  await page.keyboard.press('Control+Shift+L');
  await expect(terminal.keys).not.toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(terminal.keys).toBeFocused();

  await terminal.button('For screen readers').click();
  await terminal.type('echo read-$((1+1))');
  await expect(terminal.screen.getByRole('listitem').filter({ hasText: /^read-2/ })).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).include('[role=tabpanel]').analyze();
  expect(violations).toEqual([]);
});

test('a launch without a terminal has no terminal tab', async ({ group, run }) => {
  const { group: path } = await run({ name: 'plain', argv: REST });
  await group.open(path);
  await expect(group.tab(/^Output/)).toBeVisible();
  await expect(group.tab(/^Terminal/)).toHaveCount(0);
});
