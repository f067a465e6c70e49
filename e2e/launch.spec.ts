// Launching in every way, and a launch afterwards: saved, repeated, stopped, joined, inspected and rate-limited.
import { readFileSync } from 'node:fs';
import type { GroupView } from '../server/contract/answers.ts';
import type { KeptLayer } from '../server/contract/launched.ts';
import { OBEDIENT, REST, STUBBORN, TWO_STREAMS } from './load.ts';
import type { Server } from './server.ts';
import { slowly } from './slowly.ts';
import { expect, test } from './test.ts';

/** Chromium logs each refusal as a failed request. */
const REFUSED = /status of 4\d\d/;

async function viewOf(server: Server, group: string): Promise<GroupView> {
  return (await server.do('GET', `/groups${encodeURI(group)}`)) as GroupView;
}

test('a missing root is refused with a sentence at its field, and nothing is left', async ({ server, kernel, launch, complaints }) => {
  complaints.allow(REFUSED);
  await launch.open();
  await launch.choose('Your own');
  await launch.name.fill('rootless');
  await launch.command.fill('sleep 600');
  const files = await launch.unfold('Files');
  await files.getByRole('radio', { name: 'A directory', exact: true }).check();
  const root = launch.field('Root directory');
  await launch.button.click();
  await expect(root).toHaveAccessibleDescription('Enter the directory that becomes the root.');
  await root.fill('/no/such/root');
  await launch.button.click();
  await expect(root).toHaveAccessibleDescription(/\/no\/such\/root/);
  await expect(root).toBeFocused();
  expect(await kernel.whereIs(`${server.root}/rootless`)).toEqual([]);
});

test('a template is saved, launched from with everything in it, and removed', async ({ page, server, kernel, frame, group, launch }) => {
  await launch.open();
  await launch.choose('Your own');
  await launch.name.fill('from-template');
  await launch.command.fill('sleep 600');
  await launch.field('Most tasks').fill('33');
  await launch.unfold('Environment');
  await page.getByRole('button', { name: 'Variable', exact: true }).click();
  await launch.field('Variable 1').fill('KEPT_IN');
  await launch.field('Value 1').fill('a template');
  await launch.unfold('Privileges');
  await launch.field('Nice').fill('7');
  await launch.saveAs('night-shift');

  await launch.open();
  await launch.template('night-shift').click();
  await expect(launch.name).toHaveValue('from-template');
  await expect(launch.section('Privileges').locator('summary')).toContainText('nice 7');
  await launch.button.click();
  const path = `${server.root}/from-template`;
  await group.isOf(path);
  expect(await kernel.said(path, 'tasks-limit')).toBe('33');
  const pid = (await viewOf(server, path)).launched?.pid ?? 0;
  expect(await kernel.environmentOf(pid)).toContain('KEPT_IN=a template');

  await launch.open();
  await launch.templates.getByRole('button', { name: 'Remove the template night-shift' }).click();
  await frame.confirm('Remove the template night-shift?', 'Remove');
  await expect(launch.template('night-shift')).toBeHidden();
  expect(await server.do('GET', '/templates')).toEqual({ templates: [] });
});

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
  expect(await kernel.said(`${path}-2`, 'tasks-limit')).toBe('44');

  await group.open(path);
  await group.stop('1');
  await expect(group.actions).toContainText(/ended \d\d:\d\d:\d\d/);
  await expect.poll(() => kernel.isAlive(first.pid)).toBe(false);
  await group.action('Launch again').click();
  const pidNow = () =>
    viewOf(server, path).then(
      (view) => view.launched?.pid ?? first.pid,
      () => first.pid,
    );
  await expect.poll(pidNow).not.toBe(first.pid);
  const again = (await viewOf(server, path)).launched?.pid ?? 0;
  expect(again).not.toBe(first.pid);
  expect(await kernel.environmentOf(again)).toContain('WHO=it was');
  expect(await kernel.said(path, 'tasks-limit')).toBe('44');
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
  const { group: path } = await run({ name: 'phoenix', argv: ['sh', '-c', 'exit 3'], restart: { policy: 'on-failure', maxRetries: 2 } });
  await group.open(path);
  await expect(group.actions).toContainText(/next (in \d+ s|now)/);
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
  const guest = (await viewOf(server, path)).joined?.[0]?.pid ?? 0;
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

test('a routed network is limited to its rate, which a slider moves', async ({ server, kernel, group, launch }) => {
  await launch.open();
  await launch.choose('Your own');
  await launch.name.fill('routed');
  await launch.command.fill('sleep 600');
  const network = await launch.unfold('Network');
  await network.getByRole('radio', { name: 'Routed', exact: true }).check();
  await launch.field('Ingress rate').fill('80 Mbit/s');
  await launch.button.click();
  const path = `${server.root}/routed`;
  await group.isOf(path);
  const { device = '', address = '' } = (await viewOf(server, path)).launched?.network ?? {};
  await expect(group.network).toContainText(device);
  await expect(group.network).toContainText(address);
  expect(await kernel.bucketOf(device)).toBe(10_000_000);

  await group.rate('Ingress rate').focus();
  await group.page.keyboard.press('PageDown');
  await expect(group.network).toContainText('In force: 80 Mbit/s. Release or press Enter to set 8 Mbit/s.');
  await group.page.keyboard.press('Enter');
  await expect(group.network).toContainText('In force: 8 Mbit/s.');
  expect(await kernel.bucketOf(device)).toBe(1_000_000);

  await group.typeRate('Ingress rate', 'max');
  await expect.poll(() => kernel.bucketOf(device)).toBeNull();
  await expect(group.rate('Ingress rate')).toHaveAttribute('aria-valuetext', 'no limit');
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

test('a launch has few devices, which its page shows and changes', async ({ server, group, launch }) => {
  await launch.open();
  await launch.choose('Few devices');
  await expect(launch.section('Devices').locator('summary')).toContainText('2 rules');
  await expect(launch.script).toContainText('c 1:5 r');
  await launch.name.fill('few-devices');
  await launch.button.click();
  const path = `${server.root}/few-devices`;
  await group.isOf(path);
  await group.open(path, 'output');
  await expect(group.output).toContainText('/dev/zero: bytes read: 1');
  await expect(group.output).toContainText('/dev/full: bytes read: 0');

  const devices = group.page.getByRole('region', { name: 'Devices' });
  await expect(devices).toContainText('c 1:5 r /dev/zero');
  await devices.getByRole('button', { name: 'Change…' }).click();
  const lines = devices.getByRole('textbox', { name: 'Device rules' });
  await lines.fill('c 1:3 rw\nc 1:x r');
  await expect(lines).toHaveAccessibleDescription('“c 1:x r” is not a rule.');
  await lines.fill('c 1:3 rw\nc 1:7 r');
  await devices.getByRole('button', { name: 'Set rules' }).click();
  await expect(devices).toContainText('c 1:7 r /dev/full');
  expect(await server.do('GET', `/devices${path}`)).toMatchObject({
    rules: [
      { type: 'c', major: 1, minor: 3, access: 'rw' },
      { type: 'c', major: 1, minor: 7, access: 'r' },
    ],
  });
  await devices.getByRole('button', { name: 'Remove' }).click();
  await expect(devices).toContainText('No rules of its own.');
});

test('what weakens the sandbox is shown even in a folded section', async ({ launch }) => {
  await launch.open();
  await launch.choose('Your own');
  const summary = launch.section('Privileges').locator('summary');
  await expect(summary).toContainText('no capabilities · no new privileges · system calls filtered');
  const privileges = await launch.unfold('Privileges');
  await privileges.getByLabel('Find a capability').fill('ports');
  await privileges.getByRole('checkbox', { name: /^CAP_NET_BIND_SERVICE/ }).check();
  await privileges.getByRole('switch', { name: 'Filter system calls' }).uncheck();
  await summary.click();
  await expect(summary).toContainText('▲ keeps CAP_NET_BIND_SERVICE · no new privileges · ▲ system calls not filtered');
});
