// A launched program's terminal: typed into, watched, flooded, left, and found again.
import AxeBuilder from '@axe-core/playwright';
import { REST } from './load.ts';
import { GroupPage } from './pages/group.ts';
import { TerminalPanel } from './pages/terminal.ts';
import { expect, test } from './test.ts';

/** Requests that were under way, or are tried again, while nobody answers. */
const CUT_OFF = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection|status of 503/;
const SHELL = { argv: ['sh'], env: { PS1: '> ', TERM: 'xterm-256color', PATH: '/usr/bin:/bin' }, tty: true };

test('a shell in namespaces of its own answers, and sees only its own', async ({ group, terminal, run }) => {
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

test('who launches one from the page, or runs one inside, types at once', async ({ page, server, group, terminal, launch }) => {
  await launch.open();
  await launch.choose('A shell');
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

test('a page that is slow to draw loses nothing of what is typed into a terminal that has just begun', async ({
  page,
  group,
  terminal,
  run,
}) => {
  // A busy browser prefers keys to timers, and xterm takes what it is to draw by timers.
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
  // The new size is told a moment after the screen has come to rest.
  let tries = 0;
  await expect.poll(() => columns(`narrow${++tries}`)).toBeLessThan(wide);
});

test('a viewer sees everything and types nothing', async ({ browser, sessions, server, group, terminal, run, complaints }) => {
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
  // Where nothing can be typed, Tab moves on.
  await theirs.press('Tab');
  await expect(theirs.keys).not.toBeFocused();
  await context.close();
});

test('a program that asks the moment somebody looks is answered; what it asked before is not answered again', async ({
  page,
  group,
  terminal,
  run,
}) => {
  // The page tells its size as soon as it is connected: the program asks where the cursor is, and shows what comes.
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

test('a hidden page, whose timers browsers hold back, neither holds the program up nor is cut off, and catches up', async ({
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
    // xterm draws by timers of no time at all.
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

test('a flood holds up nothing: Ctrl-C brings the prompt back, and the deck goes on meanwhile', async ({
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
  // The kernel says what was typed at once, and the shell its prompt after it: which comes first is theirs to settle.
  await terminal.shows(/^(> )?calm-2$/);
});

test('the agent is killed: it says so, comes back by itself, and the shell has not noticed', async ({
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

test('its end leaves the last screen, and says so', async ({ group, terminal, run }) => {
  const { group: path } = await run({ name: 'ends', ...SHELL });
  await group.open(path, 'terminal');
  await terminal.isLive();
  await terminal.type('echo last-$((1+1)); exit');
  await expect(terminal.status).toContainText('Ended');
  await terminal.shows('last-2');
  await group.page.reload();
  await expect(group.details.getByRole('heading', { name: 'This program has ended' })).toBeVisible();
});

test('the keyboard gets in and out again, and nothing in the tab is hidden from a screen reader', async ({
  page,
  group,
  terminal,
  run,
}) => {
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

test('a launch without a terminal has no such tab', async ({ group, run }) => {
  const { group: path } = await run({ name: 'plain', argv: REST });
  await group.open(path);
  await expect(group.tab(/^Output/)).toBeVisible();
  await expect(group.tab(/^Terminal/)).toHaveCount(0);
});
