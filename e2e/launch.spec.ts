// The launch form: a refusal at its field, a template, a network with a rate, devices, and what weakens the sandbox.
import { expect, test } from './test.ts';

/** Chromium logs each refusal as a failed request. */
const REFUSED = /status of 4\d\d/;

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
  expect(await kernel.settingOf(path, 'tasks-limit')).toBe('33');
  const pid = (await server.view(path)).launched?.pid ?? 0;
  expect(await kernel.environmentOf(pid)).toContain('KEPT_IN=a template');

  await launch.open();
  await launch.templates.getByRole('button', { name: 'Remove the template night-shift' }).click();
  await frame.confirm('Remove the template night-shift?', 'Remove');
  await expect(launch.template('night-shift')).toBeHidden();
  expect(await server.do('GET', '/templates')).toEqual({ templates: [] });
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
  const { device = '', address = '' } = (await server.view(path)).launched?.network ?? {};
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

test('a half-filled launch is still there after the session has ended, without the values of its variables', async ({
  page,
  context,
  server,
  launch,
  login,
  complaints,
}) => {
  complaints.allow(REFUSED);
  await launch.open();
  await launch.choose('Your own');
  await launch.name.fill('unfinished');
  await launch.command.fill('sleep 77');
  await launch.unfold('Environment');
  await page.getByRole('button', { name: 'Variable', exact: true }).click();
  await launch.field('Variable 1').fill('TOKEN');
  await launch.field('Value 1').fill('hunter2');
  await context.clearCookies();
  await launch.button.click();
  await login.isHere();
  await login.logIn(server.tokens.operator);
  await expect(page.getByText(/^Your draft of .* is back\. The values of TOKEN were not kept/)).toBeVisible();
  await expect(launch.name).toHaveValue('unfinished');
  await expect(launch.command).toHaveValue('sleep 77');
  await page.getByRole('button', { name: 'Start over' }).click();
  await expect(launch.command).not.toHaveValue('sleep 77');
  await launch.open();
  await expect(page.getByText(/^Your draft/)).toBeHidden();
});
