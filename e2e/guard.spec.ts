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
    await expect(panel.getByRole('article', { name: group })).toContainText('then: let it continue without the guard');
    await expect(panel).toContainText('cgdeck-load leak');
    await expect(page.getByRole('status').filter({ hasText: 'waiting for a decision' })).toContainText(group);
    expect(await kernel.measure(group, 'oom-kills')).toBe(0);
  });

  await test.step('it did not take the focus; a key goes there', async () => {
    await expect(panel.locator(':focus')).toHaveCount(0);
    await page.keyboard.press('a');
    await expect(panel.getByRole('slider', { name: `New limit of ${group}` })).toBeFocused();
  });

  await test.step('accessible', async () => {
    const { violations } = await new AxeBuilder({ page }).include('[aria-label="Held groups"]').withTags(['wcag2a', 'wcag2aa']).analyze();
    expect(violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}`))).toEqual([]);
  });

  await test.step('what a limit would do is said while the slider moves; a limit that is no raise is not taken', async () => {
    await page.keyboard.press('ArrowLeft');
    await expect(panel).toContainText('choose more');
    await page.keyboard.press('Enter');
    await page.keyboard.press('PageUp');
    await expect(panel).toContainText('of room');
  });

  await test.step('raised, and the panel says what came of it', async () => {
    const slider = panel.getByRole('slider', { name: `New limit of ${group}` });
    const asked = bytesOf(await slider.getAttribute('aria-valuetext'));
    expect(asked).toBe(128 * MIB);
    await page.keyboard.press('Enter');
    await expect(panel).toContainText('Continues with a limit of 128 MiB');
    await expect.poll(() => logged('exit', group)).toMatchObject([{ code: 0 }]);
    expect(await kernel.measure(group, 'oom-kills')).toBe(0);
    await expect(panel).toBeHidden();
  });

  await test.step('a guard of its own is tried over what happened, and set', async () => {
    await detail.open(group);
    const guarded = page.getByRole('region', { name: 'Guard', exact: true });
    await guarded.getByRole('button', { name: 'Set its own…' }).click();
    await page.getByLabel('Line', { exact: true }).fill('50%');
    await expect(page.getByRole('region', { name: 'What it would have done' })).toContainText('held 1 time. Its line would be at 64.0 MiB');
    await page.getByRole('button', { name: 'Set the guard' }).click();
    await expect(guarded).toContainText('Armed at 64.0 MiB');
  });
});

test('two held: the older is open, the other a line; one is killed, after a question', async ({ page, server, run, frame, logged }) => {
  await server.do('PUT', '/guards', guard(server.root));
  const { group: first } = await run({ name: 'held-first', argv: GROWS, limits: { 'memory-hard-limit': '64M' } });
  await expect.poll(() => logged('hold', first)).not.toHaveLength(0);
  const { group: second } = await run({ name: 'held-second', argv: GROWS, limits: { 'memory-hard-limit': '64M' } });
  await expect.poll(() => logged('hold', second)).not.toHaveLength(0);
  await page.goto('/events');
  const panel = page.getByRole('region', { name: 'Held groups' });
  await expect(panel.getByRole('slider', { name: `New limit of ${first}` })).toBeVisible();
  await expect(panel.getByRole('slider', { name: `New limit of ${second}` })).toBeHidden();
  await panel.getByRole('button', { name: `Unfold ${second}` }).click();
  await expect(panel.getByRole('slider', { name: `New limit of ${first}` })).toBeHidden();
  await panel.getByRole('button', { name: 'Kill all…' }).click();
  await frame.confirm(`Kill all of ${second}?`, 'Kill all');
  await expect(panel.getByRole('article', { name: second })).toContainText('Killed');
  await expect.poll(() => logged('exit', second)).toMatchObject([{ signal: 'SIGKILL' }]);
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
