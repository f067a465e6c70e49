// Between browser and server is a proxy that goes silent without closing: the page knows what is live and what is not, and nothing typed is lost.
import type { BrowserContext } from '@playwright/test';
import { Between } from './between.ts';
import { SHELL } from './load.ts';
import { EventsPage } from './pages/events.ts';
import { Frame } from './pages/frame.ts';
import { GroupPage } from './pages/group.ts';
import { TerminalPanel } from './pages/terminal.ts';
import { test as base, expect } from './test.ts';

const CUT_OFF = /ERR_|WebSocket connection|status of 50\d/;

const test = base.extend<{ between: Between; behind: BrowserContext }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants a pattern
  between: async ({}, use) => {
    const proxy = await Between.start();
    await use(proxy);
    await proxy.close();
  },
  behind: async ({ browser, sessions, server, between, complaints }, use) => {
    complaints.allow(CUT_OFF);
    const context = await browser.newContext({
      baseURL: server.url,
      storageState: sessions.operator,
      viewport: { width: 1280, height: 800 },
      proxy: { server: between.url },
    });
    await complaints.listen(context);
    await use(context);
    await context.close();
  },
});

test('a connection that is dead and not closed is noticed, and live again with the network; what was typed arrives once', async ({
  between,
  behind,
  run,
}) => {
  const { group: path } = await run({ name: 'far', ...SHELL });
  const page = await behind.newPage();
  const [frame, terminal] = [new Frame(page), new TerminalPanel(page)];
  await new GroupPage(page).open(path, 'terminal');
  await terminal.isLive();
  await terminal.type('echo one-$((1+1))');
  await terminal.shows('one-2');

  between.mode = 'silent';
  await terminal.type('echo dead-$((1+1))');
  // As a laptop that wakes; without a sign it takes three beats.
  await expect
    .poll(async () => {
      await page.evaluate(() => window.dispatchEvent(new Event('online')));
      return terminal.status.textContent();
    })
    .toContain('Reconnecting');
  await terminal.type('echo away-$((1+1))');
  await expect(terminal.status).toContainText(/\d+ typed characters will be sent/);
  await expect(frame.staleBar).toContainText('The server does not answer.');

  between.mode = 'passes';
  await frame.isLive();
  await terminal.isLive();
  // The terminal echoes a part of what arrives while the shell still works on the first line.
  await terminal.shows(/away-2$/);
  const lines = await terminal.lines();
  for (const word of ['one-2', 'dead-2', 'away-2']) expect(lines.filter((line) => line.endsWith(word))).toHaveLength(1);
});

test('a proxy that refuses WebSockets is reported as such, and readings and events come by requests', async ({
  between,
  behind,
  server,
  run,
}) => {
  between.mode = 'refuses sockets';
  const { group: path } = await run({ name: 'behind', ...SHELL });
  const page = await behind.newPage();
  const strip = page.getByRole('banner');
  const bar = page.getByRole('main').getByRole('status').filter({ hasText: 'The live connection is refused: by a proxy?' });
  await page.goto('/');
  await expect(strip.getByText('By requests', { exact: true })).toBeVisible();
  await expect(bar).toBeVisible();
  await expect(page.getByRole('button', { name: /^Frozen \d+$/ })).toBeVisible();
  await new Frame(page).goTo('Events');
  const events = new EventsPage(page);
  await events.group.fill(path);
  await server.do('POST', '/freeze', { group: path });
  await expect(events.row('Frozen', path)).toBeVisible();
  await server.do('POST', '/thaw', { group: path });

  await new GroupPage(page).open(path, 'terminal');
  await expect(new TerminalPanel(page).status).toContainText('refused: by a proxy?');
  between.mode = 'passes';
  await page.goto('/');
  await new Frame(page).isLive();
  await expect(bar).toBeHidden();
});

test('before the first readings, what is unknown is a dash', async ({ behind }) => {
  const page = await behind.newPage();
  await page.routeWebSocket(/\/stream/, () => undefined);
  await page.route(/\/api\/v1\/(stream|session|events)/, () => undefined);
  await page.goto('/');
  await expect(page.getByRole('button', { name: /^Frozen/ })).toHaveText(/–$/);
  await expect(page.getByLabel('Filter groups')).toHaveAttribute('placeholder', 'Filter groups');
  await expect(page.getByRole('banner')).not.toContainText('on time');
  await new Frame(page).goTo('Events');
  await expect(page.getByRole('heading', { name: 'Events' })).toBeVisible();
  await expect(page.locator('figure')).toHaveCount(0);
});

test('another version answers: the page shows it, is not loaded by itself, and keeps a draft when it is', async ({
  page,
  frame,
  launch,
}) => {
  let version: string | undefined;
  let drop = () => {};
  await page.routeWebSocket(/\/api\/v1\/stream/, (socket) => {
    const there = socket.connectToServer();
    there.onMessage((message) => {
      const isHello = typeof message === 'string' && message.includes('"type":"hello"');
      socket.send(isHello && version !== undefined ? JSON.stringify({ ...JSON.parse(message), version }) : message);
    });
    drop = () => {
      void socket.close({ code: 4000 });
      void there.close();
    };
  });
  await launch.open();
  await frame.isLive();
  await launch.command.fill('sleep 78');
  const loadedAt = await frame.loadedAt();
  const bar = page.getByRole('main').getByRole('status').filter({ hasText: 'this page is of another version' });
  await expect(bar).toBeHidden();
  version = '99.0.0';
  drop();
  await expect(bar).toContainText('cgdeck 99.0.0 answers');
  await frame.isLive();
  await frame.goTo('Deck');
  await expect(bar).toBeVisible();
  await frame.goTo('Launch');
  await expect(launch.command).toHaveValue('sleep 78');
  expect(await frame.loadedAt()).toBe(loadedAt);
  version = undefined;
  await bar.getByRole('button', { name: 'Load again' }).click();
  await expect(launch.command).toHaveValue('sleep 78');
  await frame.isLive();
  await expect(bar).toBeHidden();
  expect(await frame.loadedAt()).not.toBe(loadedAt);
});

test('while the server is away the menu works, what was known stays and is marked, and a draft is kept over all of it', async ({
  page,
  server,
  frame,
  deck,
  group,
  launch,
  run,
  complaints,
}) => {
  complaints.allow(CUT_OFF);
  const { group: path } = await run({ name: 'known', argv: ['sleep', '600'] });
  const failed = await run({ name: 'failed', argv: ['sh', '-c', 'exit 3'] });
  await expect.poll(async () => (await server.view(failed.group)).launched?.exit?.code).toBe(3);
  await page.goto('/launch');
  await launch.command.fill('sleep 77');
  await frame.goTo('Deck');
  await deck.filter.fill('known');
  await expect(deck.row('known')).toBeVisible();
  const loadedAt = await frame.loadedAt();
  await page.waitForLoadState('networkidle');
  await server.stop();
  await expect(frame.staleBar).toContainText('The server does not answer.');
  await frame.goTo('Launch');
  await expect(launch.command).toHaveValue('sleep 77');
  await expect(page.getByText(/^Your draft of .* is back/)).toBeVisible();
  for (const [name, title] of [
    ['Events', 'Events'],
    ['Files', 'Control files'],
    ['Settings', 'Settings'],
  ] as const) {
    await frame.goTo(name);
    await expect(page.getByRole('heading', { level: 1 })).toContainText(title);
    await expect(frame.staleBar).toContainText('The server does not answer.');
  }
  await frame.goTo('Deck');
  await expect(deck.row('known')).toBeVisible();
  await deck.row('known').click();
  await deck.press('Enter');
  await expect(page).toHaveURL(new RegExp(encodeURIComponent(path)));
  expect(await frame.loadedAt()).toBe(loadedAt);
  await server.start();
  await frame.isLive();
  expect(await frame.loadedAt()).toBe(loadedAt);

  // How it ended is known over the restart, and it is launched again in its place.
  await group.open(failed.group);
  await expect(group.actions).toContainText('with code 3');
  await group.action('Launch again').click();
  await expect.poll(async () => (await server.view(failed.group)).launched?.pid).not.toBe(failed.pid);
});
