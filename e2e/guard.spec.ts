// A group with a guard is held before it runs out of memory: the panel comes up on every page, a person decides, and it ends with code 0.
import AxeBuilder from '@axe-core/playwright';
import type { GuardPlan } from '../server/contract/guards.ts';
import { bytesOf } from './pages/group.ts';
import { slowly } from './slowly.ts';
import { expect, test } from './test.ts';

const MIB = 2 ** 20;

test.setTimeout(slowly(180_000));

/** Takes so much a second up to 96 MiB, and then ends by itself with code 0. */
const GROWS = ['cgdeck-load', 'leak', '24', '96'];
const guard = (root: string, plan: Partial<GuardPlan> = {}) => ({ pattern: `${root}/*`, plan: { line: '90%', ...plan } });

test('held, the limit raised by the slider, and it ends with code 0', async ({
  page,
  server,
  kernel,
  deck,
  group: detail,
  run,
  logged,
}) => {
  await deck.open();
  await server.do('PUT', '/guards', guard(server.root));
  const panel = page.getByRole('region', { name: 'Held groups' });
  const { group } = await run({ name: 'web', argv: GROWS, limits: { 'memory-hard-limit': '64M' } });

  await test.step('the panel comes up, with the facts', async () => {
    await expect(panel).toBeVisible();
    // It does not take the focus.
    await expect(panel.locator(':focus')).toHaveCount(0);
    await expect(panel.getByRole('article', { name: group })).toContainText('Then: let it continue without the guard');
    await panel.getByRole('button', { name: 'Details' }).click();
    await expect(panel).toContainText('cgdeck-load leak');
    await expect(page.getByRole('status').filter({ hasText: 'waiting for a decision' })).toContainText(group);
    expect(await kernel.measure(group, 'oom-kills')).toBe(0);
  });

  await test.step('the deck has it among the held, with its time, and not as out of memory', async () => {
    await page.getByRole('button', { name: /^Held 1/ }).click();
    await expect(deck.row('web')).toContainText(/Held\s*\d:\d\d/);
    expect(await logged('oom', group)).toEqual([]);
    await page.getByRole('button', { name: /^Held 1/ }).click();
  });

  await test.step('a key goes to the panel, and Escape back to the deck', async () => {
    const slider = panel.getByRole('slider', { name: `New limit of ${group}` });
    await page.getByRole('treegrid').focus();
    await page.keyboard.press('a');
    await expect(slider).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('treegrid')).toBeFocused();
    await page.keyboard.press('a');
    await expect(slider).toBeFocused();
  });

  await test.step('accessible', async () => {
    const { violations } = await new AxeBuilder({ page }).include('[aria-label="Held groups"]').withTags(['wcag2a', 'wcag2aa']).analyze();
    expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`))).toEqual([]);
  });

  await test.step('what a limit would do is shown while the slider moves; a limit that is no raise is not taken', async () => {
    await page.keyboard.press('ArrowLeft');
    await expect(panel).toContainText('choose more');
    await page.keyboard.press('Enter');
    await page.keyboard.press('PageUp');
    await expect(panel).toContainText('of room');
  });

  await test.step('raised, and the panel shows what came of it', async () => {
    const slider = panel.getByRole('slider', { name: `New limit of ${group}` });
    const asked = bytesOf(await slider.getAttribute('aria-valuetext'));
    expect(asked).toBe(128 * MIB);
    await page.keyboard.press('Enter');
    await expect(panel).toContainText('Continues with a limit of 128 MiB');
    await expect.poll(() => logged('exit', group)).toMatchObject([{ code: 0 }]);
    expect(await kernel.measure(group, 'oom-kills')).toBe(0);
    await panel.getByRole('button', { name: `Dismiss ${group}` }).click();
    await expect(panel).toBeHidden();
  });

  await test.step('a guard of its own is tried over what happened, and set', async () => {
    await detail.open(group);
    const guarded = page.getByRole('region', { name: 'Guard', exact: true });
    await guarded.getByRole('button', { name: 'Set its own…' }).click();
    // Where it stood for as long as it was held.
    await page.getByLabel('Line', { exact: true }).fill('40%');
    await expect(page.getByRole('region', { name: 'What it would have done' })).toContainText('held 1 time. Its line would be at 51.2 MiB');
    await page.getByRole('button', { name: 'Set the guard' }).click();
    await expect(guarded).toContainText('Armed at 51.2 MiB');
  });
});

test('two groups, two operators: each is decided once, and the other sees who and what', async ({
  page,
  browser,
  server,
  sessions,
  run,
  frame,
  logged,
}) => {
  await server.do('PUT', '/guards', guard(server.root));
  // Once raised, each ends below its new line.
  const argv = ['cgdeck-load', 'leak', '24', '80'];
  const { group: first } = await run({ name: 'held-first', argv, limits: { 'memory-hard-limit': '64M' } });
  await expect.poll(() => logged('hold', first)).not.toHaveLength(0);
  const { group: second } = await run({ name: 'held-second', argv, limits: { 'memory-hard-limit': '64M' } });
  await expect.poll(() => logged('hold', second)).not.toHaveLength(0);
  const other = await (await browser.newContext({ storageState: sessions.operator, baseURL: server.url })).newPage();
  await Promise.all([page.goto('/events'), other.goto('/settings')]);
  const panel = page.getByRole('region', { name: 'Held groups' });
  const others = other.getByRole('region', { name: 'Held groups' });

  await test.step('the older is open, the other a line', async () => {
    await expect(panel.getByRole('slider', { name: `New limit of ${first}` })).toBeVisible();
    await panel.getByRole('button', { name: `Unfold ${second}` }).click();
    await expect(panel.getByRole('slider', { name: `New limit of ${second}` })).toBeVisible();
    await expect(panel.getByRole('slider', { name: `New limit of ${first}` })).toBeHidden();
  });

  await test.step('a question cannot be confirmed once somebody else has decided', async () => {
    await others.getByRole('button', { name: `Unfold ${second}` }).click();
    await others.getByRole('button', { name: 'Kill all…' }).click();
    const question = other.getByRole('alertdialog', { name: `Kill all of ${second}?` });
    await expect(question).toBeVisible();
    await panel.getByRole('button', { name: /^Raise to/ }).click();
    await expect(question).toContainText(/It was decided meanwhile\. operator \(browser \w+\): Continues with a limit of 96\.0 MiB/);
    await expect(question.getByRole('button', { name: 'Kill all' })).toHaveAttribute('aria-disabled', 'true');
    await question.getByRole('button', { name: 'Cancel' }).click();
    await expect(others.getByRole('article', { name: second })).toContainText(
      /operator \(browser \w+\): Continues with a limit of 96\.0 MiB/,
    );
  });

  await test.step('of two decisions at once the later is refused, with who and what', async () => {
    let isLate = () => {};
    const late = new Promise<void>((resolve) => {
      isLate = resolve;
    });
    await other.route('**/api/v1/decide', async (route) => {
      await late;
      await route.continue();
    });
    const theirs = others.getByRole('article', { name: first });
    await theirs.getByRole('button', { name: /^Raise to/ }).click();
    await expect(theirs).toContainText('Sent; waiting for the kernel');
    await panel.getByRole('button', { name: 'Kill all…' }).click();
    await frame.confirm(`Kill all of ${first}?`, 'Kill all');
    await expect(panel.getByRole('article', { name: first })).toContainText(/operator \(browser \w+\): Killed/);
    isLate();
    await expect(other.getByRole('region', { name: 'Notifications' })).toContainText(
      /It was decided already\. operator \(browser \w+\) decided: Killed/,
    );
    await expect.poll(() => logged('exit', first)).toMatchObject([{ signal: 'SIGKILL' }]);
  });
  await other.context().close();
});

test.describe('a viewer', () => {
  test.use({ as: 'viewer' });

  test('sees everything, cannot act, and sees what others decided', async ({ page, server, run }) => {
    await page.goto('/files');
    await server.do('PUT', '/guards', guard(server.root));
    const { group } = await run({ name: 'web', argv: GROWS, limits: { 'memory-hard-limit': '64M' } });
    const panel = page.getByRole('region', { name: 'Held groups' });
    const raise = panel.getByRole('button', { name: /^Raise to/ });
    await expect(raise).toHaveAttribute('aria-disabled', 'true');
    await expect(panel).toContainText('You are logged in as a viewer');
    await expect(panel.getByRole('slider', { name: `New limit of ${group}` })).toHaveAttribute('aria-disabled', 'true');
    const { holds } = (await server.do('GET', '/holds')) as { holds: Array<{ id: number }> };
    await server.do('POST', '/decide', { hold: holds[0]?.id, choice: { do: 'raise', bytes: '256M' } });
    await expect(panel).toContainText('Continues with a limit of 256 MiB');
  });
});
