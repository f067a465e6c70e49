// The deck by keyboard, and with many groups.
import { FROZEN } from './by-version.ts';
import { holding, REST } from './load.ts';
import { expect, test } from './test.ts';

const MIB = 2 ** 20;
const MANY = 300;
/** The most rows in the page, however many groups there are. */
const ON_SCREEN = 60;

test('sorts by the kernel’s values', async ({ page, deck, kernel, run }) => {
  const sizes = { small: 8, large: 96, middle: 32 };
  for (const [name, mib] of Object.entries(sizes)) {
    const { group } = await run({ name, argv: holding(mib) });
    await expect.poll(() => kernel.measure(group, 'memory-usage')).toBeGreaterThan(mib * MIB);
  }
  const order = async () => {
    const place = async (name: string) => Number(await deck.row(name).getAttribute('aria-posinset'));
    const places = await Promise.all(Object.keys(sizes).map(async (name) => ({ name, at: await place(name) })));
    return places.sort((a, b) => a.at - b.at).map(({ name }) => name);
  };
  // Other groups of the machine come and go, and push rows off the screen.
  await deck.open();
  expect(await order()).toEqual(['large', 'middle', 'small']);
  await deck.sortBy('Memory');
  await expect(deck.head('Memory')).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(order).toEqual(['large', 'middle', 'small']);
  await deck.sortBy('Memory');
  await expect.poll(order).toEqual(['small', 'middle', 'large']);
  await expect(page).toHaveURL(/sort=memory/);
  await deck.sortBy('Group');
  await deck.sortBy('Group');
  await expect.poll(order).toEqual(['small', 'middle', 'large']);
});

test('sorts by the time until a limit is met, and warns of one that is near', async ({ page, deck, run }) => {
  await run({ name: 'steady', argv: holding(16), limits: { 'memory-hard-limit': '128M' } });
  await run({ name: 'slow', argv: ['cgdeck-load', 'leak', '1'], limits: { 'memory-hard-limit': '900M' } });
  await run({ name: 'fast', argv: ['cgdeck-load', 'leak', '2'], limits: { 'memory-hard-limit': '160M' } });
  await deck.open();
  await deck.sortBy('Full in');
  await expect(deck.head('Full in')).toHaveAttribute('aria-sort', 'ascending');
  await expect(await deck.cell('fast', 'Full in')).toHaveText(/^\d+s$/);
  await expect(await deck.cell('slow', 'Full in')).toHaveText(/^\d+min$/);
  // The group above them grows as well, and its time is that of the machine's memory.
  const places = () =>
    Promise.all(['fast', 'slow', 'steady'].map(async (name) => Number(await deck.row(name).getAttribute('aria-posinset'))));
  await expect
    .poll(async () => {
      const [fast = 0, slow = 0, steady = 0] = await places();
      return fast < slow && slow < steady;
    })
    .toBe(true);
  await expect(await deck.cell('steady', 'Full in')).toHaveText('');
  await expect(page.getByText(/is met in about/).first()).toBeVisible();
});

test('filters with /, moves with j and k, opens with Enter, and freezes and thaws with f and t', async ({
  page,
  server,
  kernel,
  deck,
  group,
  run,
}) => {
  for (const name of ['alpha', 'beta', 'gamma']) await run({ name, argv: REST });
  await deck.open('');
  await page.keyboard.press('/');
  await expect(deck.filter).toBeFocused();
  await page.keyboard.type(server.root.slice(1));
  await expect(page).toHaveURL((url) => url.searchParams.get('q') === server.root.slice(1));
  await expect(deck.rows()).toHaveCount(4);
  await page.keyboard.press('Enter');
  await expect(deck.table).toBeFocused();

  await deck.press('j');
  await expect.poll(() => deck.at()).toBe(server.root);
  await deck.press('j', 'j', 'j', 'k');
  await expect.poll(() => deck.at()).toBe(`${server.root}/beta`);

  const beta = `${server.root}/beta`;
  await deck.press('f');
  await expect.poll(() => kernel.isFrozen(beta)).toBe(true);
  await expect(deck.row('beta').getByRole('img', { name: /frozen/i })).toBeVisible();
  expect(await kernel.isFrozen(`${server.root}/alpha`)).toBe(false);
  await deck.press('t');
  await expect.poll(() => kernel.isFrozen(beta)).toBe(false);

  await deck.press('Enter');
  await group.isOf(beta);
  await page.goBack();
  await expect(deck.filter).toHaveValue(server.root.slice(1));
  await deck.press('Escape');
  await expect(deck.filter).toHaveValue('');
  await expect(page).toHaveURL(`${server.url}/`);
});

test('folds and unfolds', async ({ server, kernel, deck }) => {
  await kernel.makeGroup(`${server.root}/parent`);
  await kernel.makeGroup(`${server.root}/parent/child`);
  await deck.open('');
  await expect(deck.row('child')).toBeVisible();
  await expect(deck.row('parent')).toHaveAttribute('aria-expanded', 'true');
  await deck.row('parent').getByRole('button', { name: 'Fold' }).click();
  await expect(deck.row('child')).toBeHidden();
  await expect(deck.row('parent')).toHaveAttribute('aria-expanded', 'false');
  await deck.row('parent').getByRole('button', { name: 'Unfold' }).click();
  await expect(deck.row('child')).toBeVisible();
});

test('freezes and thaws a selection', async ({ server, kernel, version, frame, deck, run }) => {
  const names = ['one', 'three', 'two'];
  for (const name of names) await run({ name, argv: REST });
  const frozen = () => Promise.all(names.map((name) => kernel.isFrozen(`${server.root}/${name}`)));
  await deck.open(`?q=${server.root.slice(1)}/`);
  await expect(deck.rows()).toHaveCount(4);
  await deck.table.focus();
  await deck.press('j', 'j', ' ');
  await expect(deck.selection).toContainText('1 selected');
  await deck.press('Shift+J', 'Shift+J');
  await expect(deck.selection).toContainText('3 selected');
  await expect(deck.row('two')).toHaveAttribute('aria-selected', 'true');
  await deck.selection.getByRole('button', { name: 'Freeze' }).click();
  await expect.poll(frozen).toEqual([true, true, true]);
  expect(await kernel.isFrozen(server.root)).toBe(false);
  await expect(frame.news('Froze 3 groups')).toContainText(new RegExp(`The kernel reports .*${FROZEN[version]}`));
  await deck.table.focus();
  await deck.press('t');
  await expect.poll(frozen).toEqual([false, false, false]);
  await deck.press('Escape');
  await expect(deck.selection).toBeHidden();
});

test(`${MANY} groups appear and vanish live, and the table has few rows in the page`, async ({ page, server, kernel, frame, deck }) => {
  const herd = `${server.root}/herd`;
  const paths = Array.from({ length: MANY }, (_, n) => `${herd}/g${n}`);
  // Other groups of the machine come and go meanwhile.
  await deck.open();
  const loadedAt = await frame.loadedAt();
  const before = await deck.count();
  await kernel.makeGroup(herd);
  for (const path of paths) await kernel.makeGroup(path);
  await expect.poll(() => deck.count()).toBe(before + MANY + 1);
  expect(await deck.rows().count()).toBeLessThan(ON_SCREEN);
  await deck.table.focus();
  await deck.press('End');
  await expect(deck.row(`g${MANY - 1}`)).toBeVisible();
  expect(await deck.rows().count()).toBeLessThan(ON_SCREEN);
  await page.keyboard.press('/');
  await page.keyboard.press('Control+A');
  await page.keyboard.type('herd/g29');
  await expect(deck.rows()).toHaveCount(13);
  await deck.filter.fill(server.root.slice(1));

  for (const path of paths) await kernel.removeGroup(path);
  await kernel.removeGroup(herd);
  await expect.poll(() => deck.count()).toBe(before);
  expect(await frame.loadedAt()).toBe(loadedAt);
});

test('creates a group with limits, and removes it', async ({ page, server, kernel, frame, deck }) => {
  const path = `${server.root}/made-here`;
  await deck.open();
  await page.getByRole('button', { name: 'New group' }).click();
  await expect(deck.dialog.getByLabel('Path')).toHaveValue(`${server.root}/`);
  await deck.dialog.getByLabel('Path').fill(path);
  await deck.dialog.getByLabel('Hard limit').fill('64M');
  await deck.dialog.getByLabel('Most tasks').fill('7');
  await deck.dialog.getByRole('button', { name: 'Create' }).click();
  await expect(deck.row('made-here')).toBeVisible();
  // Its row may appear before its limits, which are written afterwards.
  await expect.poll(() => kernel.settingOf(path, 'memory-hard-limit')).toBe(String(64 * MIB));
  await expect.poll(() => kernel.settingOf(path, 'tasks-limit')).toBe('7');
  expect(await kernel.whereIs(path)).toEqual(await kernel.whereIs(server.root));

  await expect.poll(() => deck.at()).toBe(path);
  await deck.press('d');
  await expect(frame.question).toContainText('It has no process.');
  await frame.confirm(`Remove ${path}?`, 'Remove');
  await expect(deck.row('made-here')).toHaveCount(0);
  expect(await kernel.whereIs(path)).toEqual([]);
});

test('an impossible name is refused in the form, and no group is created', async ({ page, server, deck }) => {
  await deck.open();
  await page.getByRole('button', { name: 'New group' }).click();
  await deck.dialog.getByLabel('Path').fill(`${server.root}/..`);
  await deck.dialog.getByRole('button', { name: 'Create' }).click();
  await expect(deck.dialog).toContainText('cannot be named "." or ".."');
  await deck.dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(deck.dialog).toBeHidden();
});

test('asks before it kills, and shows what will happen', async ({ server, kernel, frame, deck, run }) => {
  const { group: path } = await run({ name: 'doomed', argv: ['cgdeck-load', 'fork', '5'] });
  // The program, its five children, and the init.
  await expect.poll(() => kernel.measure(path, 'tasks')).toBe(7);
  await deck.open(`?q=${server.root.slice(1)}/doomed`);
  await expect(deck.row('doomed').getByRole('gridcell', { name: '7', exact: true })).toBeVisible();
  await deck.table.focus();
  await deck.press('End', 'x');
  await expect(frame.question).toContainText(`Kill all processes in ${path}?`);
  await expect(frame.question).toContainText('7 tasks now');
  await expect(frame.question).toContainText('this cannot be undone');
  await frame.question.getByRole('button', { name: 'Cancel' }).click();
  await expect(frame.question).toBeHidden();
  expect(await kernel.measure(path, 'tasks')).toBe(7);
  await deck.press('x');
  await frame.confirm(`Kill all processes in ${path}?`, 'Kill 7 tasks');
  await expect.poll(() => kernel.measure(path, 'tasks')).toBe(0);
});
