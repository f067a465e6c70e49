// What is done is what the person meant: a group that was replaced, a value that was changed, an answer that was lost or comes late.
import { REST } from './load.ts';
import { expect, test } from './test.ts';

/** Chromium logs each refusal. */
const REFUSED = /status of 4\d\d/;

test('a question about a group that is replaced meanwhile says so, and cannot be confirmed', async ({
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
