// One program's terminal over several connections: another page, a page opened again, a hidden one, a new agent.
import type { WebSocketRoute } from '@playwright/test';
import { SHELL } from './load.ts';
import { GroupPage } from './pages/group.ts';
import { TerminalPanel } from './pages/terminal.ts';
import { expect, test } from './test.ts';

/** Requests that fail while the server does not answer. */
const CUT_OFF = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection|status of 503/;

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

test('a tab that has not heard that its group was made again does not open the terminal of the new one', async ({
  page,
  server,
  group,
  terminal,
  run,
}) => {
  const launched = { name: 'made-again', ...SHELL };
  const { group: path } = await run(launched);
  const madeAgain = Promise.withResolvers<void>();
  const streams: WebSocketRoute[] = [];
  let isSilent = false;
  await page.routeWebSocket(/\/api\/v1\/stream/, (socket) => {
    const isFirst = streams.push(socket) === 1;
    socket.connectToServer().onMessage((message) => {
      if (!isFirst || !isSilent) socket.send(message);
    });
  });
  const asked: (string | null)[] = [];
  let cut = () => {};
  await page.routeWebSocket(/\/api\/v1\/terminal/, async (socket) => {
    if (asked.push(new URL(socket.url()).searchParams.get('inode')) > 1) await madeAgain.promise;
    const there = socket.connectToServer();
    cut = () => {
      void socket.close({ code: 4000 });
      void there.close();
    };
  });
  await group.open(path, 'terminal');
  await terminal.isLive();
  isSilent = true;
  cut();
  await expect(terminal.status).toContainText('Reconnecting');
  await server.do('DELETE', `/groups${path}?kill=true`);
  await run(launched);
  madeAgain.resolve();
  await expect(terminal.panel).toContainText(`${path} was removed and made again`);
  expect(new Set(asked)).toHaveProperty('size', 1);
  // Once it has heard, it shows the new one.
  await streams[0]?.close();
  await terminal.isLive();
  expect(new Set(asked)).toHaveProperty('size', 2);
});
