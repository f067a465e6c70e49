// Each process is killed while the page is open: the page shows that it is stale, recovers by itself, and nothing is missing.
import { FROZEN } from './by-version.ts';
import { CUT_OFF } from './complaints.ts';
import { REST } from './load.ts';
import { expect, test } from './test.ts';

test('the agent is killed: the page shows it, recovers without a reload, and the log has what happened meanwhile', async ({
  server,
  kernel,
  frame,
  deck,
  events,
  logged,
  run,
  complaints,
}) => {
  complaints.allow(CUT_OFF);
  const launched = await run({ name: 'steady', argv: REST });
  const started = await kernel.startOf(launched.pid);
  await deck.open();
  await frame.isLive();
  const loadedAt = await frame.loadedAt();
  const agent = await server.child('agent');
  const meanwhile = `${server.root}/without-agent`;

  const staleSeen = await frame.watchForStale();
  await kernel.kill(agent);
  await kernel.makeGroup(meanwhile);
  await staleSeen();

  await frame.isLive();
  await expect(deck.row('without-agent')).toBeVisible();
  await expect.poll(() => logged('create', meanwhile)).toHaveLength(1);
  await expect(deck.row('steady')).toBeVisible();
  expect(await server.child('agent')).not.toBe(agent);
  expect(await kernel.isAlive(launched.pid)).toBe(true);
  expect(await kernel.startOf(launched.pid)).toBe(started);
  await frame.goTo('Events');
  await events.group.fill(meanwhile);
  await expect(events.row('Created', meanwhile)).toContainText('late');
  expect(await frame.loadedAt()).toBe(loadedAt);
});

test('the web process is killed: the same, and the session is still valid', async ({
  server,
  kernel,
  version,
  frame,
  group,
  events,
  logged,
  run,
  complaints,
}) => {
  complaints.allow(CUT_OFF);
  const launched = await run({ name: 'steady', argv: REST });
  const started = await kernel.startOf(launched.pid);
  await group.open(launched.group);
  await frame.isLive();
  const loadedAt = await frame.loadedAt();
  const web = await server.child('web');
  const meanwhile = `${server.root}/without-web`;

  const staleSeen = await frame.watchForStale();
  await kernel.kill(web);
  await kernel.makeGroup(meanwhile);
  await staleSeen();

  await frame.isLive();
  await expect.poll(() => logged('create', meanwhile)).toHaveLength(1);
  expect(await server.child('web')).not.toBe(web);
  expect(await kernel.isAlive(launched.pid)).toBe(true);
  expect(await kernel.startOf(launched.pid)).toBe(started);
  await group.action('Freeze').click();
  await expect(group.actions).toContainText(FROZEN[version]);
  await frame.goTo('Events');
  await events.group.fill(meanwhile);
  await expect(events.row('Created', meanwhile)).toBeVisible();
  expect(await frame.loadedAt()).toBe(loadedAt);
});

test('while the server does not answer nothing can be changed from the page, and it shows why', async ({
  server,
  frame,
  group,
  run,
  complaints,
}) => {
  complaints.allow(CUT_OFF);
  const { group: path } = await run({ name: 'steady', argv: REST });
  await group.open(path);
  await frame.isLive();
  await server.stop();
  await expect(frame.staleBar).toContainText('The server does not answer.');
  await expect(group.action('Freeze')).toBeDisabled();
  await expect(group.thumb('Hard limit')).toBeDisabled();
  await expect(group.actions).toContainText('readings are stale');
  await server.start();
  await frame.isLive();
  await expect(frame.staleBar).toBeHidden();
  await expect(group.action('Freeze')).toBeEnabled();
});

test('after a restart of the whole server the launched process is found again, and the session is still valid', async ({
  page,
  server,
  kernel,
  frame,
  group,
  run,
  complaints,
}) => {
  complaints.allow(CUT_OFF);
  const launched = await run({ name: 'steady', argv: REST });
  const started = await kernel.startOf(launched.pid);
  await group.open(launched.group);
  await frame.isLive();
  const loadedAt = await frame.loadedAt();

  const staleSeen = await frame.watchForStale();
  expect(await server.stop()).toBe(0);
  await staleSeen();
  expect(await kernel.pidsIn(launched.group)).toContain(launched.pid);
  await server.start();

  await frame.isLive();
  expect(await frame.loadedAt()).toBe(loadedAt);
  expect(await kernel.startOf(launched.pid)).toBe(started);
  await page.reload();
  await group.isOf(launched.group);
  await expect(group.actions).toContainText(new RegExp(`${REST.join(' ')}\\s*pid ${launched.pid}`));
  await expect(group.details.getByRole('row').filter({ hasText: String(launched.pid) })).toContainText(REST.join(' '));
  await kernel.kill(launched.pid);
  await expect(group.actions).toContainText('by SIGKILL');
});
