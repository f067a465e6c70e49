// Readings of new groups, and changes found without inotify, on the real kernel.
import { mkdirSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { inotifyAdd } from '../../native/libc/inotify.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

vi.mock('../../native/libc/inotify.ts', async (original) => {
  const real = await original<typeof import('../../native/libc/inotify.ts')>();
  return { ...real, inotifyAdd: vi.fn(real.inotifyAdd) };
});

const real = vi.mocked(inotifyAdd).getMockImplementation();
/** Far fewer ticks than between two scans. */
const SOON_TICKS = 50;

let agent: RunningAgent;

afterEach(async () => {
  if (real) vi.mocked(inotifyAdd).mockImplementation(real);
  const { root } = agent;
  await agent.clean();
  expect(agent.kernel.where(root), `${root} is left`).toEqual([]);
});

test('a group just launched or made is listed with its readings', async () => {
  // A long interval: the group is listed before the first tick reads it.
  agent = await RunningAgent.start('first', { intervalMs: 5000 });
  const limit = agent.kernel.file('memory-hard-limit');
  const { group } = await agent.call('launch', { name: 'now', argv: ['sleep', '1000'], limits: { [limit]: '64M' } });
  const made = `${agent.root}/made`;
  await agent.call('createGroup', { path: made, limits: { [limit]: '32M' } });
  const { groups } = await agent.call('groups', {});
  const readings = (path: string) => groups.find((one) => one.path === path)?.readings;
  expect(readings(group)?.[limit]).toBe(64 * 2 ** 20);
  expect(readings(made)?.[limit]).toBe(32 * 2 ** 20);
  expect(readings(made)).toHaveProperty(agent.kernel.key('memory-usage'));
});

test('a write by cgdeck is shown at the next tick, also if its notice was lost', async () => {
  agent = await RunningAgent.start('first');
  const { root } = agent;
  let none = 1e6;
  vi.mocked(inotifyAdd).mockImplementation((fd, path, mask) =>
    Buffer.from(path).includes(root) ? ++none : (real?.(fd, path, mask) ?? -1),
  );
  const path = `${root}/unnoticed`;
  const limit = agent.kernel.file('memory-hard-limit');
  await agent.call('createGroup', { path });
  await agent.until(() => agent.reading(path, limit) !== undefined);
  await agent.call('writeFile', { path, file: limit, value: '64M' });
  expect(await agent.ticksUntil(() => agent.reading(path, limit) === 64 * 2 ** 20)).toBeLessThan(SOON_TICKS);
});

test('without watches, writes and new groups are shown within ticks, and the host reports what is missing', async () => {
  agent = await RunningAgent.start('first');
  const { root } = agent;
  vi.mocked(inotifyAdd).mockImplementation((fd, path, mask) => {
    if (Buffer.from(path).includes(root)) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    return real?.(fd, path, mask) ?? -1;
  });
  const path = `${root}/unwatched`;
  const limit = agent.kernel.file('memory-hard-limit');
  await agent.call('createGroup', { path });
  await agent.until(() => agent.reading(path, limit) !== undefined);
  const { missing } = await agent.call('host', {});
  expect(missing).toEqual(expect.arrayContaining([expect.stringContaining('fs.inotify.max_user_watches')]));

  await agent.call('writeFile', { path, file: limit, value: '64M' });
  expect(await agent.ticksUntil(() => agent.reading(path, limit) === 64 * 2 ** 20)).toBeLessThan(SOON_TICKS);
  agent.kernel.write(path, limit, String(32 * 2 ** 20));
  expect(await agent.ticksUntil(() => agent.reading(path, limit) === 32 * 2 ** 20)).toBeLessThan(SOON_TICKS);
  for (const dir of agent.dirs(`${path}/below`)) mkdirSync(dir);
  expect(await agent.ticksUntil(() => agent.mirror.byPath(`${path}/below`) !== undefined)).toBeLessThan(SOON_TICKS);

  if (real) vi.mocked(inotifyAdd).mockImplementation(real);
  await vi.waitFor(async () => expect((await agent.call('host', {})).missing.join()).not.toContain('inotify'), 60_000);
});
