// Who is notified: a destination is added, tried, changed without its secret, notified of a real OOM kill, and removed.
import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from '@playwright/test';
import { hookReceiver } from '../server/web/notices/fixtures/receivers.ts';
import { SettingsPage } from './pages/settings.ts';
import { expect, test } from './test.ts';

async function faultsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

test('a webhook is added, tried, and notified of a kill while no page is open', async ({ page, frame, server, run }) => {
  const receiver = await hookReceiver();
  const settings = new SettingsPage(page);
  await page.goto('/');
  await frame.goTo('Settings');
  await page.getByRole('button', { name: 'Add' }).click();
  await settings.dialog.getByRole('button', { name: 'Save' }).click();
  await expect(settings.field('Name')).toHaveAccessibleDescription('Enter a name.');
  await settings.field('Name').fill('on call');
  await settings.choose('How', 'Webhook with JSON');
  await settings.field('URL').fill(`${receiver.url}/services/a-long-and-secret-path`);
  await settings.field('Groups').fill(`${server.root}/**`);
  expect(await faultsOf(page)).toEqual([]);
  await settings.save();

  const row = settings.destination('on call');
  await expect(row).toContainText(`127.0.0.1:${receiver.port} …path`);
  receiver.answer((response) => response.writeHead(503).end('not today'));
  await row.getByRole('button', { name: 'Try on call' }).click();
  await expect(row.getByRole('status')).toHaveText('Failed: 503 Service Unavailable: not today');
  receiver.answer((response) => response.end('thanks'));
  await row.getByRole('button', { name: 'Try on call' }).click();
  await expect(row.getByRole('status')).toHaveText('Delivered: 200 OK: thanks');
  await expect(settings.deliveries.getByRole('listitem').first()).toContainText('a try from cgdeck');
  expect(await page.content()).not.toContain('a-long-and-secret');
  expect(await faultsOf(page)).toEqual([]);

  await row.getByRole('button', { name: 'Change on call' }).click();
  await expect(settings.field('URL')).toHaveValue('');
  await settings.field('Name').fill('night shift');
  await settings.save();
  await expect(settings.destination('night shift')).toBeVisible();

  await page.goto('about:blank');
  await run({ name: 'reported', argv: ['cgdeck-load', 'leak', '200'], limits: { 'memory-hard-limit': '24M' } });
  await expect
    .poll(() => receiver.received.flatMap(({ body }) => (body as { events: { kind: string; group: string }[] }).events))
    .toContainEqual(expect.objectContaining({ kind: 'oom_kill', group: `${server.root}/reported` }));
  expect(receiver.received.every(({ path }) => path === '/services/a-long-and-secret-path')).toBe(true);

  await settings.open();
  await expect(settings.deliveries).toContainText('Delivered');
  await settings.destination('night shift').getByRole('button', { name: 'Remove night shift' }).click();
  await frame.confirm('Remove night shift?', 'Remove');
  await expect(page.getByText('No destination yet.')).toBeVisible();
  await receiver.close();
});

test('a viewer sees who is notified, and can change nothing', async ({ browser, server, sessions }) => {
  const destination = {
    id: 'v',
    name: 'ops',
    to: { type: 'webhook', format: 'slack', url: 'https://hooks.example/services/T0/B0/very-secret' },
  };
  const { version } = (await server.do('GET', '/notices')) as { version: number };
  await server.do('PUT', '/notices', { version, destinations: [destination] });
  const page = await viewerPage(browser, server.url, sessions.viewer);
  const settings = new SettingsPage(page);
  await settings.open();
  await expect(settings.destination('ops')).toContainText('Slack, hooks.example …cret');
  await expect(settings.destination('ops').getByRole('button', { name: 'Try ops' })).toBeDisabled();
  await expect(settings.destination('ops').getByRole('switch')).toBeDisabled();
  await page.context().close();
  await server.do('PUT', '/notices', { version: version + 1, destinations: [] });
});

function viewerPage(
  browser: Browser,
  baseURL: string,
  storageState: NonNullable<Parameters<Browser['newContext']>[0]>['storageState'],
): Promise<Page> {
  return browser.newContext({ baseURL, ...(storageState === undefined ? {} : { storageState }) }).then((context) => context.newPage());
}

test('the browser itself notifies of a kill: by a notification while the page is in the background, and by a sound', async ({
  page,
  context,
  server,
  run,
}) => {
  await context.grantPermissions(['notifications'], { origin: server.url });
  await context.addInitScript(() => {
    const notified: string[] = [];
    Object.assign(window, { notified });
    class Notified {
      static readonly permission = 'granted';
      static requestPermission = () => Promise.resolve('granted');
      constructor(title: string) {
        notified.push(title);
      }
    }
    Object.assign(window, { Notification: Notified });
    Object.defineProperty(document, 'visibilityState', { get: () => (document.title.startsWith('Events') ? 'hidden' : 'visible') });
    const started = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (this: OscillatorNode, when?: number) {
      notified.push('tone');
      started.call(this, when);
    };
  });
  const settings = new SettingsPage(page);
  await settings.open();
  await page.getByRole('switch', { name: 'Notifications' }).click();
  await page.getByRole('switch', { name: 'Sound' }).click();
  await expect(page.getByRole('switch', { name: 'Notifications' })).toBeChecked();
  const notified = () => page.evaluate(() => (window as unknown as { notified: string[] }).notified);
  // Others may be killed meanwhile, too.
  expect((await notified()).slice(0, 2)).toEqual(['tone', 'tone']);
  await page.goto('/events');
  await expect(page.getByRole('heading', { name: 'Events', level: 1 })).toBeVisible();
  await server.ticks(2);
  // Where others are killed at the same time, one message is for all, and names another.
  await expect(async () => {
    const { group } = await run({ name: 'heard', argv: ['cgdeck-load', 'leak', '200'], limits: { 'memory-hard-limit': '24M' } });
    await expect.poll(notified, { timeout: 5000 }).toContainEqual(expect.stringContaining(`in ${group}`));
  }).toPass();
});
