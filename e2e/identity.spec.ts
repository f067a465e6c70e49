// What is done is what the person meant: a group that was replaced, a value that was changed, an answer that was lost or comes late.
import { REST } from './load.ts';
import { expect, test } from './test.ts';

/** Chromium logs each refusal, and each connection that was cut. */
const REFUSED = /status of 4\d\d/;
const CUT = /ERR_FAILED|ERR_CONNECTION/;

test('a question about a group that is replaced meanwhile shows it, and cannot be confirmed', async ({
  server,
  kernel,
  frame,
  group,
  deck,
  run,
}) => {
  const { group: path } = await run({ name: 'twice', argv: REST });
  const replace = async () => {
    await server.do('DELETE', `/groups${path}?kill=true`);
    return (await run({ name: 'twice', argv: REST })).pid;
  };
  await group.open(path);
  await group.action('Kill…').click();
  await expect(frame.question).toBeVisible();
  const second = await replace();
  await expect(frame.question).toContainText(`${path} was removed and made again`);
  await expect(frame.question.getByRole('button', { name: /^Kill/ })).toBeDisabled();
  await frame.question.getByRole('button', { name: 'Cancel' }).click();
  expect(await kernel.isAlive(second)).toBe(true);

  await deck.open(`?q=${path}`);
  await deck.table.focus();
  await deck.press('End');
  await expect.poll(() => deck.at()).toBe(path);
  await deck.press('x');
  await expect(frame.question).toBeVisible();
  const third = await replace();
  await expect(frame.question).toContainText(`${path} was removed and made again`);
  await expect(frame.question.getByRole('button', { name: /^Kill/ })).toBeDisabled();
  await frame.question.getByRole('button', { name: 'Cancel' }).click();
  expect(await kernel.isAlive(third)).toBe(true);
});

test('an act on a group that was replaced in the same moment is refused', async ({
  page,
  server,
  kernel,
  frame,
  group,
  run,
  complaints,
}) => {
  complaints.allow(REFUSED);
  const { group: path } = await run({ name: 'swift', argv: REST });
  await group.open(path);
  let pid = 0;
  await page.route('**/api/v1/kill', async (route) => {
    await server.do('DELETE', `/groups${path}?kill=true`);
    pid = (await run({ name: 'swift', argv: REST })).pid;
    await route.continue();
  });
  await group.action('Kill…').click();
  await frame.confirm(/^Kill/, /^Kill/);
  await expect(page.getByText(`${path} was removed and made again since you opened this page at`).first()).toBeVisible();
  expect(await kernel.isAlive(pid)).toBe(true);
});

test('Undo never writes over another’s value unasked', async ({ server, kernel, frame, group, run, complaints }) => {
  complaints.allow(REFUSED);
  const { group: path } = await run({ name: 'shared', argv: REST, limits: { 'tasks-limit': '100' } });
  await group.open(path);
  await group.limit('Most tasks').fill('200');
  await group.limit('Most tasks').press('Enter');
  await expect(group.limits.getByRole('button', { name: 'Undo' })).toBeVisible();
  await server.do('PUT', `/files${path}/pids.max`, { value: 300 });
  await group.limits.getByRole('button', { name: 'Undo' }).click();
  await expect(frame.question).toContainText('300');
  await frame.question.getByRole('button', { name: 'Cancel' }).click();
  expect(await kernel.read(path, 'pids.max')).toBe('300');
});

test('disk limits and device rules that somebody else has changed are asked about, with both values', async ({
  page,
  server,
  kernel,
  frame,
  group,
  run,
  complaints,
}) => {
  complaints.allow(REFUSED);
  const { group: path } = await run({ name: 'changed', argv: REST });
  await group.open(path);
  const devices = page.getByRole('region', { name: 'Devices' });
  await devices.getByRole('button', { name: 'Change…' }).click();
  await devices.getByRole('textbox', { name: 'Device rules' }).fill('c 1:3 rw');
  await server.do('PUT', `/devices${path}`, { rules: [{ type: 'c', major: 1, minor: 5, access: 'r' }] });
  await devices.getByRole('button', { name: 'Set rules' }).click();
  await expect(frame.question).toContainText('now “c 1:5 r”, no longer no rules');
  await frame.question.getByRole('button', { name: 'Cancel' }).click();
  await devices.getByRole('button', { name: 'Set rules' }).click();
  await frame.confirm(/^Set the device rules/, /^Replace/);
  await expect(devices).toContainText('c 1:3 rw /dev/null');

  const disk = await kernel.disk();
  const v2 = (await kernel.memoryVersion()) === 2;
  const [file, others, own] = v2
    ? (['io.max', `${disk} wbps=2097152`, `${disk} wbps=1048576`] as const)
    : (['blkio.throttle.write_bps_device', `${disk} 2097152`, `${disk} 1048576`] as const);
  // What the page has shown when it is pressed is older than the other's write.
  let written = false;
  await page.route(`**/api/v1/files/**/${file}`, async (route) => {
    if (route.request().method() === 'PUT' && !written) {
      written = true;
      await server.do('PUT', `/files${path}/${file}`, { value: others });
    }
    await route.continue();
  });
  if (v2) {
    await group.limit('Disk').click();
    await page.getByRole('option', { name: disk }).click();
    await group.limit('Maximum per second').fill('1M');
    await group.limit('Maximum per second').press('Enter');
  } else {
    await group.show(/^Files/);
    await group.details.getByLabel('Find a control file').fill(file);
    await group
      .file(file)
      .getByRole('button', { name: `Write ${file}` })
      .click();
    await group.details.getByLabel(`Write to ${file}`).fill(own);
    await group.details.getByLabel(`Write to ${file}`).press('Enter');
  }
  await expect(frame.question).toContainText(`It is ${others} now`);
  expect(await kernel.read(path, file)).toContain('2097152');
  await frame.confirm(/^Set /, `Replace ${others}`);
  await expect.poll(() => kernel.read(path, file)).toContain('1048576');
});

test('an answer that is lost: the page shows that it does not know, asks, and shows that it was done, once', async ({
  page,
  kernel,
  frame,
  group,
  logged,
  run,
  complaints,
}) => {
  complaints.allow(CUT);
  const { group: path } = await run({ name: 'lost', argv: REST });
  await group.open(path);
  const asked: (string | undefined)[] = [];
  const seen = Promise.withResolvers<void>();
  await page.route('**/api/v1/freeze', async (route) => {
    asked.push(route.request().headers()['idempotency-key']);
    if (asked.length > 2) {
      await seen.promise;
      return route.continue();
    }
    await route.fetch();
    await route.abort('connectionreset');
  });
  await group.action('Freeze').click();
  await expect(page.getByText('Unknown whether it was done')).toBeVisible();
  seen.resolve();
  await expect(frame.news(`${path} is frozen`)).toBeVisible();
  await expect(page.getByText('Unknown whether it was done')).toBeHidden();
  expect(await kernel.isFrozen(path)).toBe(true);
  expect(await logged('freeze', path)).toHaveLength(1);
  expect([asked.length, new Set(asked).size]).toEqual([3, 1]);
});

test('a key that is held is one call, and so is a double click', async ({ page, deck, group, run }) => {
  const { group: path } = await run({ name: 'once', argv: REST });
  let asked = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/api/v1/freeze')) asked++;
  });
  await deck.open(`?q=${path}`);
  await deck.table.focus();
  await deck.press('End');
  await expect.poll(() => deck.at()).toBe(path);
  for (let i = 0; i < 20; i++) await page.keyboard.down('f');
  await page.keyboard.up('f');
  await expect(deck.row('once').getByRole('img', { name: /frozen/i })).toBeVisible();
  expect(asked).toBe(1);
  await deck.press('t');
  await expect(deck.row('once').getByRole('img', { name: /frozen/i })).toBeHidden();
  await group.open(path);
  await group.action('Freeze').dblclick();
  await expect(group.action('Thaw')).toBeVisible();
  expect(asked).toBe(2);
});

test('keys act on what is shown: a selected row that the filter hides is named, and not touched unasked', async ({ kernel, deck, run }) => {
  const { group: a } = await run({ name: 'hidden-a', argv: REST });
  const { group: b } = await run({ name: 'shown-b', argv: REST });
  await deck.open();
  await deck.table.focus();
  await deck.press('Home', 'j', ' ');
  await expect.poll(() => deck.at()).toBe(a);
  await expect(deck.selection).toContainText('1 selected');
  await deck.filter.fill('shown-b');
  await expect(deck.row('hidden-a')).toBeHidden();
  await deck.filter.press('Enter');
  await deck.press('End');
  await expect.poll(() => deck.at()).toBe(b);
  await expect(deck.selection).toContainText('hidden by the filter');
  await deck.press('f');
  await expect.poll(() => kernel.isFrozen(b)).toBe(true);
  expect(await kernel.isFrozen(a)).toBe(false);
});

test('an answer that comes late does not move the person', async ({ page, server, frame, launch, group }) => {
  const go = Promise.withResolvers<void>();
  await page.route('**/api/v1/launch', async (route) => {
    await go.promise;
    await route.continue();
  });
  await launch.open();
  await launch.choose('Your own');
  await launch.name.fill('late');
  await launch.command.fill('sleep 1000');
  await launch.button.click();
  await frame.goTo('Events');
  await expect(page).toHaveURL(/\/events/);
  go.resolve();
  const notice = frame.news(`${server.root}/late runs`);
  await expect(notice).toBeVisible();
  await expect(page).toHaveURL(/\/events/);
  await notice.getByRole('link').click();
  await group.isOf(`${server.root}/late`);
});
