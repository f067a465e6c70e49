// A launched program's terminal: typing, watching, a flood of output, leaving and returning.
import AxeBuilder from '@axe-core/playwright';
import { REST } from './load.ts';
import { GroupPage } from './pages/group.ts';
import { TerminalPanel } from './pages/terminal.ts';
import { expect, test } from './test.ts';

/** Requests that fail while the server does not answer. */
const CUT_OFF = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection|status of 503/;
const SHELL = { argv: ['sh'], env: { PS1: '> ', TERM: 'xterm-256color', PATH: '/usr/bin:/bin' }, tty: true };

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

test('a viewer sees everything and cannot type', async ({ browser, sessions, server, group, terminal, run, complaints }) => {
  const { group: path } = await run({ name: 'watched', ...SHELL });
  await group.open(path, 'terminal');
  await terminal.isLive();
  await terminal.type('echo before-$((1+1))');
  await terminal.shows('before-2');

  const context = await browser.newContext({ baseURL: server.url, storageState: sessions.viewer });
  await complaints.listen(context);
  const theirs = new TerminalPanel(await context.newPage());
  await new GroupPage(theirs.page).open(path, 'terminal');
  await expect(theirs.status).toContainText('Read only');
  await theirs.screen.scrollIntoViewIfNeeded();
  await theirs.shows('before-2');
  await theirs.type('echo viewer-$((1+1))');
  await terminal.type('echo after-$((1+1))');
  for (const shown of [terminal, theirs]) {
    await shown.shows('after-2');
    expect((await shown.lines()).filter((line) => line.includes('viewer'))).toEqual([]);
  }
  // Where typing is off, Tab moves on.
  await theirs.press('Tab');
  await expect(theirs.keys).not.toBeFocused();
  await context.close();
});

test('a question that a program asks on a new connection is answered; an earlier one is not answered again', async ({
  page,
  group,
  terminal,
  run,
}) => {
  // The page sends its size as soon as it is connected: then the program asks where the cursor is, and shows the answer.
  const asks = `trap 'printf "\\033[6n"; IFS= read -rd R answer; echo "answered-$((++n))"' WINCH; stty raw -echo; stty opost; echo ready; while :; do sleep 0.05; done`;
  const { group: path } = await run({ name: 'asking', ...SHELL, argv: ['bash', '-c', asks] });
  await group.open(path, 'terminal');
  await terminal.isLive();
  await terminal.shows('answered-1');
  await page.reload();
  await terminal.isLive();
  await terminal.shows('answered-1');
  await page.setViewportSize({ width: 900, height: 800 });
  await terminal.shows('answered-2');
});

test('who attaches later sees a full-screen program as it is, in colour and with its cursor hidden', async ({
  page,
  group,
  terminal,
  run,
}) => {
  // As an editor: it draws when its window changes, and has written more than is kept since.
  const draws = `draw() { printf '\\033[H\\033[2J\\033[7mline %s of the editor\\033[m' "$((++n))"; }; trap draw WINCH; printf '\\033[?1049h\\033[?25l'; draw; head -c 100000 /dev/zero | tr '\\0' ' '; while :; do sleep 0.05; done`;
  const { group: path } = await run({ name: 'editor', ...SHELL, argv: ['bash', '-c', draws] });
  await group.open(path, 'terminal');
  await terminal.isLive();
  await terminal.shows(/^line \d+ of the editor$/);
  await page.reload();
  await terminal.isLive();
  await terminal.shows(/^line \d+ of the editor$/);
  await expect(terminal.rows.locator('.xterm-cursor')).toHaveCount(0);
});

test('a hidden page, whose timers browsers slow down, neither stops the program nor is disconnected, and catches up', async ({
  browser,
  page,
  sessions,
  server,
  group,
  terminal,
  run,
  complaints,
}) => {
  await page.addInitScript(() => {
    const { setTimeout } = window;
    const waiting: (() => void)[] = [];
    let hidden = false;
    Object.defineProperty(document, 'hidden', { get: () => hidden });
    // xterm renders by timers with no delay.
    Object.assign(window, { setTimeout: (run: () => void, ms = 0) => (hidden && ms < 50 ? waiting.push(run) : setTimeout(run, ms)) });
    document.addEventListener('hide', (event) => {
      hidden = (event as CustomEvent<boolean>).detail;
      document.dispatchEvent(new Event('visibilitychange'));
      if (!hidden) for (const run of waiting.splice(0)) run();
    });
  });
  const hide = (detail: boolean) =>
    page.evaluate((isHidden) => document.dispatchEvent(new CustomEvent('hide', { detail: isHidden })), detail);
  let terminals = 0;
  page.on('websocket', (socket) => {
    if (socket.url().includes('/terminal?')) terminals++;
  });
  const { group: path } = await run({ name: 'hidden', ...SHELL });
  await group.open(path, 'terminal');
  await terminal.isLive();
  await hide(true);

  const context = await browser.newContext({ baseURL: server.url, storageState: sessions.operator });
  await complaints.listen(context);
  const seen = new TerminalPanel(await context.newPage());
  await new GroupPage(seen.page).open(path, 'terminal');
  await seen.isLive();
  await seen.type('seq 400000; echo done-$((1+1))');
  await seen.shows('done-2');
  expect((await terminal.lines()).filter((line) => line === 'done-2')).toEqual([]);
  await hide(false);
  await terminal.shows('done-2');
  await expect(terminal.status).toHaveText('Live');
  expect(terminals).toBe(1);
  await context.close();
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

test('the agent is killed: the terminal shows it, reconnects by itself, and the shell is not affected', async ({
  server,
  kernel,
  group,
  terminal,
  run,
  complaints,
}) => {
  complaints.allow(CUT_OFF);
  const { group: path } = await run({ name: 'outlives', ...SHELL });
  await group.open(path, 'terminal');
  await terminal.isLive();
  await terminal.type('mark=kept; echo is-$mark');
  await terminal.shows('is-kept');
  await kernel.kill(await server.child('agent'));
  await expect(terminal.status).toContainText('Reconnecting');
  await terminal.isLive();
  await terminal.type('echo still-$mark');
  await terminal.shows('still-kept');
  expect((await terminal.lines()).filter((line) => line === 'is-kept')).toHaveLength(1);
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
