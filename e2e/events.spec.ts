// The log of events: each once, found by filters, with all details in its row.
import type { Event } from '../server/contract/events.ts';
import { expect, test } from './test.ts';

test('filters by kind with counts and by group, and the URL has the filters', async ({ page, server, events, run }) => {
  const { group: path } = await run({ name: 'busy', argv: ['sleep', '600'] });
  await run({ name: 'neighbour', argv: ['sleep', '600'] });
  for (const act of ['freeze', 'thaw', 'freeze', 'thaw']) await server.do('POST', `/${act}`, { group: path });
  await server.do('PUT', `/files${path}/pids.max`, { value: '9' });

  await events.open();
  await events.group.fill(path);
  await expect(page).toHaveURL((url) => url.searchParams.get('group') === path);
  const { events: log } = (await server.do('GET', `/events?group=${encodeURIComponent(path)}`)) as { events: Event[] };
  for (const [name, kind] of [
    ['Frozen', 'freeze'],
    ['Thawed', 'thaw'],
    ['Setting', 'write'],
    ['Launch', 'launch'],
    ['Created', 'create'],
  ] as const)
    await expect.poll(() => events.countOf(name), name).toBe(log.filter((event) => event.kind === kind).length);
  await expect(events.row()).toHaveCount(log.length);

  await events.kind('Frozen').click();
  await expect(events.row()).toHaveCount(2);
  await expect(page).toHaveURL((url) => url.searchParams.get('kinds') === 'freeze');
  await events.kind('Setting').click();
  await expect(events.row()).toHaveCount(3);
  await expect(events.row('pids.max: no limit → 9')).toHaveCount(1);
  await page.reload();
  await expect(events.row()).toHaveCount(3);
  await expect(events.group).toHaveValue(path);
  await page.getByRole('button', { name: 'Show all' }).click();
  await expect(events.group).toHaveValue('');
  await events.group.fill(server.root);
  await expect(events.row('Launch', `${server.root}/neighbour`)).toHaveCount(1);
});

test('a row opens to all details, with the measured latency', async ({ page, server, frame, group, events, run }) => {
  const { group: path, pid } = await run({ name: 'brief', argv: ['sh', '-c', 'exit 3'] });
  await events.open(`?group=${encodeURIComponent(path)}`);
  await events.row('Exit', `pid ${pid} ended with code 3`).click();
  await expect(events.fact('group')).toHaveText(path);
  await expect(events.fact('pid')).toHaveText(String(pid));
  await expect(events.fact('exit code')).toHaveText('3');
  await expect(events.fact('latency')).toHaveText(/^[\d.]+ (µs|ms) from the kernel’s signal/);
  const { events: log } = (await server.do('GET', `/events?kind=exit&group=${encodeURIComponent(path)}`)) as { events: Event[] };
  await expect(events.fact('id')).toHaveText(String(log[0]?.id));
  await page.reload();
  await expect(events.fact('exit code')).toHaveText('3');
  await events.list.getByRole('link', { name: 'Open the group' }).click();
  await group.isOf(path);
  await frame.isLive();
});

test('events arrive live, each once', async ({ server, events, run }) => {
  const { group: path } = await run({ name: 'live', argv: ['sleep', '600'] });
  await events.open(`?group=${encodeURIComponent(path)}&kinds=freeze,thaw`);
  for (let round = 1; round <= 3; round++) {
    await server.do('POST', '/freeze', { group: path });
    await expect(events.row('Frozen')).toHaveCount(round);
    await server.do('POST', '/thaw', { group: path });
    await expect(events.row('Thawed')).toHaveCount(round);
  }
});

test('an out of memory that grows is one row; while it is open it stays in its place, and newer rows wait', async ({
  page,
  server,
  events,
  run,
}) => {
  const hog = ['sh', '-c', 'while :; do head -c 64M /dev/zero | tail > /dev/null; sleep 0.3; done'];
  const limits = { 'memory-hard-limit': '32M' };
  const { group: path } = await run({ name: 'again-and-again', argv: hog, limits, restart: { policy: 'always' } });
  await events.open(`?group=${encodeURIComponent(path)}&kinds=oom,create`);
  const burst = /Hit its limit [\d,]+ times in \d+\ss.*; [\d,]+ process(es)? killed/;
  await events.row('Out of memory', burst).first().click();
  const open = events.list.getByRole('button', { expanded: true });
  const times = async () => Number((await events.fact('times').textContent())?.replaceAll(',', ''));
  const [place, before] = [await open.boundingBox(), await times()];
  await server.do('POST', '/groups', { path: `${path}/newer` });
  const waiting = page.getByRole('button', { name: /^\d+ new$/ });
  await expect(waiting).toBeVisible();
  await expect.poll(times).toBeGreaterThan(before);
  await expect(open).toHaveText(burst);
  await expect(events.fact('until')).toBeVisible();
  await expect(events.fact('killed')).toHaveText(/^[\d,]+ process(es)?$/);
  expect((await open.boundingBox())?.y).toBe(place?.y);
  await waiting.click();
  await expect(events.row('Created', `${path}/newer`)).toBeVisible();
  await expect(open).toHaveCount(1);
});
