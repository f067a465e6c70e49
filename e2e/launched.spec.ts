// A launch once it runs: launched again, stopped, restarted, joined; its output, its namespaces and its layer.
import { readFileSync } from 'node:fs';
import type { KeptLayer } from '../server/contract/launched.ts';
import { OBEDIENT, REST, STUBBORN, TWO_STREAMS } from './load.ts';
import { slowly } from './slowly.ts';
import { expect, test } from './test.ts';

test('launched again with one click: as a second one while it runs, in its place once it has ended', async ({
  server,
  kernel,
  group,
  run,
}) => {
  const path = `${server.root}/again`;
  const first = await run({ name: 'again', argv: REST, env: { WHO: 'it was' }, limits: { 'tasks-limit': '44' } });
  await group.open(path);
  await group.action('Launch again').click();
  await group.isOf(`${path}-2`);
  expect(await kernel.settingOf(`${path}-2`, 'tasks-limit')).toBe('44');

  await group.open(path);
  await group.stop('1');
  await expect(group.actions).toContainText(/ended \d\d:\d\d:\d\d/);
  await expect.poll(() => kernel.isAlive(first.pid)).toBe(false);
  await group.action('Launch again').click();
  const pidNow = () =>
    server.view(path).then(
      (view) => view.launched?.pid ?? first.pid,
      () => first.pid,
    );
  await expect.poll(pidNow).not.toBe(first.pid);
  const again = (await server.view(path)).launched?.pid ?? 0;
  expect(again).not.toBe(first.pid);
  expect(await kernel.environmentOf(again)).toContain('WHO=it was');
  expect(await kernel.settingOf(path, 'tasks-limit')).toBe('44');
  await expect(group.actions).toContainText(`pid ${again}`);
});

test('stopped: a program that handles SIGTERM ends by itself, another is killed after the grace time', async ({
  kernel,
  frame,
  group,
  run,
}) => {
  const good = await run({ name: 'obedient', argv: OBEDIENT });
  await group.open(good.group);
  await group.stop('10');
  await expect(frame.news(`${good.group} has ended by itself`)).toContainText('with code 7');
  await expect(group.actions).toContainText('with code 7');
  await expect(group.action('Stop…')).toBeDisabled();

  const bad = await run({ name: 'stubborn', argv: STUBBORN });
  await group.open(bad.group);
  await group.stop('1');
  await expect(frame.news(`of ${bad.group} had to be killed`)).toContainText('by SIGKILL');
  expect(await kernel.isAlive(bad.pid)).toBe(false);
  expect(await kernel.pidsIn(bad.group)).toEqual([]);
});

test('restarted by its policy, with the count on the page', async ({ group, run, logged }) => {
  const argv = ['sh', '-c', 'exit 3'];
  // Its delays double up to a minute: one of them is long enough for any machine.
  const { group: waiting } = await run({ name: 'waiting', argv, restart: { policy: 'always' } });
  await group.open(waiting);
  await expect(group.actions).toContainText(/next in \d+ s/, { timeout: slowly(90_000) });

  const { group: path } = await run({ name: 'phoenix', argv, restart: { policy: 'on-failure', maxRetries: 2 } });
  await group.open(path);
  await expect(group.actions).toContainText('restarted 2 times', { timeout: slowly(90_000) });
  await expect(group.actions).toContainText('with code 3');
  await expect.poll(() => logged('restart', path)).toHaveLength(2);
});

test('stdout and stderr are separate, with times, also in downloads', async ({ page, group, run }) => {
  const { group: path } = await run({ name: 'two-streams', argv: TWO_STREAMS });
  await group.open(path, 'output');
  await expect(group.output).toContainText('to-out');
  await expect(group.output).toContainText('stderr: to-err');
  await group.details.getByRole('button', { name: 'Times' }).click();
  await expect(group.output).toContainText(/\d\d:\d\d:\d\d\.\d{3}\s*to-out/);

  await group.details.getByRole('button', { name: 'stderr', exact: true }).click();
  await expect(group.output).not.toContainText('to-out');
  const coming = page.waitForEvent('download');
  await group.details.getByRole('link', { name: 'Download' }).click();
  const file = await (await coming).path();
  expect(readFileSync(file, 'utf8')).toBe('to-err\n');
});

test('a second program joins: in the same namespaces, with its own output', async ({ page, server, kernel, group, run }) => {
  const { group: path, pid } = await run({ name: 'house', argv: REST });
  await group.open(path);
  await group.runInside("sh -c 'echo a guest; exec sleep 600'", false);
  await expect(page).toHaveURL((url) => url.searchParams.get('tab') === 'output' && url.searchParams.get('id') === 'exec-1');
  await expect(group.output).toContainText('a guest');
  await expect(group.output, 'the details are in view').toBeInViewport({ ratio: 0.9 });
  const guest = (await server.view(path)).joined?.[0]?.pid ?? 0;
  expect(await kernel.pidsIn(path)).toContain(guest);
  for (const kind of ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user'])
    expect(await kernel.namespaceOf(guest, kind)).toBe(await kernel.namespaceOf(pid, kind));
  await expect(group.actions).toContainText('also inside: sh');
  await group.details.getByRole('combobox', { name: 'Program' }).click();
  await page.getByRole('option', { name: 'Launched: sleep 600' }).click();
  await expect(group.output).toContainText('No output yet.');
});

test('the namespaces show who shares them', async ({ server, kernel, group, run }) => {
  const { group: path, pid } = await run({ name: 'host', argv: REST });
  const other = `${server.root}/lodger`;
  await server.do('POST', '/groups', { path: other });
  const { pid: guest } = (await server.do('POST', '/join', { group: path, argv: REST })) as { pid: number };
  await server.do('POST', '/attach', { pid: guest, group: other });

  await group.open(path, 'namespaces');
  const net = await kernel.namespaceOf(pid, 'net');
  await expect(group.namespace('net')).toContainText(net);
  await expect(group.namespace('net')).toContainText('its own');
  await expect(group.namespace('net')).toContainText(String(pid));
  await expect(group.namespace('net')).toContainText('1 other process');
  await expect(group.namespace('time')).toContainText('the host');
  await group.namespace('net').getByRole('link', { name: other }).click();
  await group.isOf(other);
  await expect(group.namespace('net')).toContainText(net);
});

test('a layer has what was written, is kept after the end, chosen again, and deleted', async ({
  server,
  kernel,
  frame,
  group,
  launch,
  run,
}) => {
  const folder = await kernel.makeFolder();
  try {
    const { group: path } = await run({ name: 'layered', argv: ['sh', '-c', `echo held > ${folder}/apart; exec sleep 600`], overlay: {} });
    await group.open(path, 'layer');
    await expect(group.details.getByRole('list', { name: 'Layer' })).toContainText(`${folder}/apart`);
    expect(await kernel.exists(`${folder}/apart`)).toBe(false);
    const keep = group.details.getByRole('button', { name: 'Keep' });
    await expect(keep).toBeDisabled();
    await expect(group.details).toContainText('It can be kept once the launch has ended');

    await group.stop('1');
    await expect(keep).toBeEnabled();
    await group.details.getByLabel('Name of the layer').fill('kept-here');
    await keep.click();
    await expect(group.details).toContainText('Kept as kept-here.');
    const { layers } = (await server.do('GET', '/layers')) as { layers: KeptLayer[] };
    expect(layers.map(({ name }) => name)).toEqual(['kept-here']);

    await launch.open();
    const files = await launch.unfold('Files');
    await files.getByRole('radio', { name: 'Into a layer' }).check();
    await files.getByRole('radio', { name: /^kept-here/ }).check();
    await expect(files.locator('summary')).toContainText('written to the layer kept-here');
    await files.getByRole('button', { name: 'Delete the layer kept-here' }).click();
    await frame.confirm('Delete the layer kept-here?', 'Delete kept-here');
    await expect(files.getByRole('radio', { name: /^kept-here/ })).toBeHidden();
    expect(await server.do('GET', '/layers')).toEqual({ layers: [] });
  } finally {
    await kernel.removeFolder(folder);
  }
});
