// A first day with cgdeck: log in, launch a leak, lower its limit, see it killed, freeze the next one, thaw it, remove it.
import { FROZEN, fileOf } from './by-version.ts';
import { bytesOf } from './pages/group.ts';
import { slowly } from './slowly.ts';
import { expect, test } from './test.ts';

const MIB = 2 ** 20;
/** Charges are made in batches for each CPU, and the rest of a batch may still be returned (memcontrol.c, MEMCG_CHARGE_BATCH). */
const BATCHES_BYTES = MIB;

test.setTimeout(slowly(180_000));

/** MiB a second: slow enough to move the limit in time, also on a slow machine. */
const LEAK = 8;

test.describe('a first login', () => {
  test.use({ as: 'guest' });

  test('log in, launch a leak, lower its limit, see it killed', async ({
    page,
    server,
    kernel,
    version,
    frame,
    deck,
    launch,
    group,
    logged,
  }) => {
    const usage = (path: string) => kernel.measure(path, 'memory-usage');
    const limit = (path: string) => kernel.measure(path, 'memory-hard-limit');
    const first = `${server.root}/tank`;

    await test.step('the printed link opens the deck', async () => {
      await page.goto(server.loginLink);
      await expect(deck.table.getByRole('row', { name: /The machine/ })).toBeVisible();
      expect(page.url()).toBe(`${server.url}/`);
      await frame.isLive();
    });
    const loadedAt = await frame.loadedAt();

    await test.step('a leak is launched from its preset', async () => {
      await frame.goTo('Launch');
      await launch.choose('A leak and its limit');
      await launch.name.fill('tank');
      await launch.command.fill(`cgdeck-load leak ${LEAK}`);
      await expect(launch.script).toContainText(first);
      await launch.button.click();
      await group.isOf(first);
      expect(await limit(first)).toBe(512 * MIB);
      // v2's soft limit would slow the leak down before it reaches the hard one.
      if (version === 1) expect(await kernel.measure(first, 'memory-soft-limit')).toBe(256 * MIB);
      else expect(await kernel.read(first, 'memory.high')).toBe('max');
    });
    const victim = await kernel.pidOf(first, 'cgdeck-load');

    await test.step('its usage grows, on the page and in the kernel', async () => {
      await expect.poll(() => group.usageBytes()).toBeGreaterThan(30 * MIB);
      expect(await usage(first)).toBeGreaterThan(30 * MIB);
    });

    await test.step('the hard limit is lowered, by pointer and by keys, and the page shows the kernel’s value', async () => {
      await group.drag('Hard limit', 200 * MIB);
      await expect(group.memory).toContainText('kernel set');
      const dragged = await limit(first);
      expect(dragged).toBeLessThanOrEqual(200 * MIB);
      expect(await group.exactBytes('Hard limit')).toBe(dragged);

      await group.press('Hard limit', 'ArrowLeft', 'ArrowLeft');
      await expect.poll(() => limit(first)).toBeLessThan(dragged);
      const pressed = await limit(first);
      await expect.poll(() => group.exactBytes('Hard limit')).toBe(pressed);
      await expect(group.memory.getByText(/asked .* kernel set/)).toBeVisible();
      expect(await group.thumbBytes('Hard limit')).toBe(pressed);
      expect(pressed).toBeGreaterThan(await usage(first));
    });

    await test.step('pressure arrives by itself', async () => {
      // On v2 a leak with nothing to reclaim hits its hard limit without waiting: only the soft one slows it down.
      if (version === 2) await group.type('Soft limit', '100M');
      await expect(frame.event('Pressure', first).first()).toBeVisible({ timeout: slowly(90_000) });
      if (version === 2) await group.type('Soft limit', 'max');
    });

    await test.step('the kill arrives by itself, with the name of the victim', async () => {
      await expect.poll(() => logged('oom_kill', first), { timeout: slowly(90_000) }).toMatchObject([{ victim: { pid: victim } }]);
      await expect(frame.event('OOM kill', first).first()).toContainText(`Killed cgdeck-load (pid ${victim}`);
      await expect.poll(() => logged('exit', first)).toMatchObject([{ signal: 'SIGKILL' }]);
      expect(await kernel.isAlive(victim)).toBe(false);
      expect(await kernel.measure(first, 'oom-kills')).toBe(1);
      expect(await kernel.measure(first, 'memory-limit-hits')).toBeGreaterThan(0);
      await expect(group.actions).toContainText('by SIGKILL');
      expect(await frame.loadedAt()).toBe(loadedAt);
    });
  });
});

test('launch a leak again that was killed, freeze it, raise its limit, thaw, kill, remove', async ({
  page,
  server,
  kernel,
  version,
  frame,
  launch,
  group,
  run,
  logged,
}) => {
  const usage = (path: string) => kernel.measure(path, 'memory-usage');
  const limit = (path: string) => kernel.measure(path, 'memory-hard-limit');
  const { group: first } = await run({
    name: 'tank',
    argv: ['cgdeck-load', 'leak', String(LEAK)],
    limits: { 'memory-hard-limit': '24M' },
  });
  await expect.poll(() => kernel.measure(first, 'oom-kills'), { timeout: slowly(90_000) }).toBe(1);
  // Another limit than at its launch: the form offers it.
  await server.do('PUT', `/files${first}/${fileOf('memory-hard-limit', version)}`, { value: '96M' });
  await group.open(first);
  const loadedAt = await frame.loadedAt();

  const second = `${server.root}/tank-2`;
  await test.step('launched again, with the limit that it had', async () => {
    await group.actions.getByRole('link', { name: 'Edit and launch' }).click();
    await page.getByRole('button', { name: 'Use these limits' }).click();
    await expect(launch.command).toHaveValue(`cgdeck-load leak ${LEAK}`);
    await expect(launch.name).toHaveValue('tank-2');
    await launch.button.click();
    await group.isOf(second);
    expect(await limit(second)).toBe(await limit(first));
    await expect.poll(() => usage(second)).toBeGreaterThan(30 * MIB);
  });

  await test.step('frozen, in the kernel and on the page', async () => {
    await group.action('Freeze').click();
    await expect(group.actions).toContainText('Frozen');
    await expect(group.actions).toContainText(FROZEN[version]);
    expect(await kernel.isFrozen(second)).toBe(true);
    const then = await usage(second);
    await server.ticks(4);
    expect(Math.abs((await usage(second)) - then)).toBeLessThan(BATCHES_BYTES);
    expect(await kernel.isFrozen(second)).toBe(true);
    await expect(group.memory).toContainText('Frozen: usage does not change');
    expect(Math.abs((await group.usageBytes()) - then)).toBeLessThan(BATCHES_BYTES);
    await expect.poll(() => logged('freeze', second)).toHaveLength(1);
  });

  await test.step('the limit is raised, and after the thaw usage grows again', async () => {
    const before = await limit(second);
    await group.press('Hard limit', 'PageUp', 'PageUp');
    await expect.poll(() => limit(second)).toBe(4 * before);
    await expect.poll(() => group.exactBytes('Hard limit')).toBe(4 * before);
    await group.action('Thaw').click();
    await expect(group.action('Freeze')).toBeVisible();
    expect(await kernel.isFrozen(second)).toBe(false);
    await expect.poll(() => usage(second), { timeout: slowly(90_000) }).toBeGreaterThan(before);
    await expect.poll(async () => bytesOf(await group.figure('In use').textContent())).toBeGreaterThan(before);
  });

  await test.step('killed, and removed from every hierarchy', async () => {
    const pid = await kernel.pidOf(second, 'cgdeck-load');
    await group.action('Kill…').click();
    await frame.confirm(`Kill 2 processes in ${second}?`, 'Kill 2 processes');
    await expect.poll(() => kernel.isAlive(pid)).toBe(false);
    await expect.poll(() => logged('exit', second)).toMatchObject([{ signal: 'SIGKILL' }]);
    await expect(group.actions).toContainText('Empty');
    await group.action('Remove…').click();
    await frame.confirm(`Remove ${second}?`, 'Remove');
    await expect.poll(() => kernel.whereIs(second)).toEqual([]);
    await group.isOf(server.root);
    await expect.poll(() => logged('remove', second)).toHaveLength(1);
    expect(await frame.loadedAt()).toBe(loadedAt);
  });
});
