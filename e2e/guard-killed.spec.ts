// The agent is killed while a group is held: the page shows that it is stale, the hold is there again, and the decision works.
import type { CallAnswer } from '../server/contract/calls.ts';
import { CUT_OFF } from './complaints.ts';
import { slowly } from './slowly.ts';
import { expect, test } from './test.ts';

test.setTimeout(slowly(180_000));

test('the agent is killed in the middle of a hold: it is still held, the limit is raised, and it ends with code 0', async ({
  page,
  server,
  kernel,
  deck,
  frame,
  run,
  logged,
  complaints,
}) => {
  complaints.allow(CUT_OFF);
  await deck.open();
  await frame.isLive();
  await server.do('PUT', '/guards', { pattern: `${server.root}/*`, plan: { line: '90%' } });
  const panel = page.getByRole('region', { name: 'Held groups' });
  const argv = ['cgdeck-load', 'leak', '24', '72'];
  const { group } = await run({ name: 'kept', argv, limits: { 'memory-hard-limit': '64M' } });
  const held = panel.getByRole('article', { name: group });
  await expect(held).toBeVisible();
  /** That of the group, with its time. */
  const holds = async () =>
    ((await server.do('GET', '/holds')) as CallAnswer<'holds'>).holds.map(({ id, since, reason }) => ({ id, since, reason }));
  const before = await holds();
  expect(before).toHaveLength(1);
  const agent = await server.child('agent');
  const staleSeen = await frame.watchForStale();
  // With its watchdog: where the agent takes long to come back, that would rightly let the group go on.
  await kernel.kill(agent, await kernel.childOf(agent, 'cgdeck-watchdog'));
  await staleSeen();
  await frame.isLive();
  expect(await server.child('agent')).not.toBe(agent);
  await expect(held).toBeVisible();
  expect(await holds()).toEqual(before);
  await panel.getByRole('button', { name: /^Raise to/ }).click();
  await expect(panel).toContainText('Continues with a limit of');
  await expect.poll(() => logged('exit', group)).toMatchObject([{ code: 0 }]);
  expect(await kernel.measure(group, 'oom-kills')).toBe(0);
});
