// Limits on a group’s page: asked about, written, rounded by the kernel, undone.
import type { Event } from '../server/contract/events.ts';
import type { Kernel } from './ask-kernel.ts';
import { holding, REST } from './load.ts';
import type { GroupPage } from './pages/group.ts';
import type { Server } from './server.ts';
import { expect, test } from './test.ts';

const MIB = 2 ** 20;
/** Chromium logs each refusal as a failed request. */
const REFUSED = /status of 4\d\d/;

interface Undercut {
  readonly server: Server;
  readonly kernel: Kernel;
  readonly group: GroupPage;
  readonly path: string;
  readonly pid: number;
  /** The group’s OOM kills in the log. */
  readonly kills: () => Promise<Event[]>;
}

/** v1 refuses a limit below what it cannot reclaim. */
async function isRefused({ kernel, group, path, pid }: Undercut): Promise<void> {
  await expect(group.memory).toContainText('EBUSY');
  expect(await kernel.measure(path, 'memory-hard-limit')).toBe(256 * MIB);
  await expect.poll(() => group.exactBytes('Hard limit')).toBe(256 * MIB);
  expect(await kernel.isAlive(pid)).toBe(true);
}

/** v2 sets any limit, and kills until usage fits: the program, since its memory cannot be reclaimed. */
async function isKilledFor({ kernel, group, path, pid, kills }: Undercut): Promise<void> {
  // More are killed if the first one's memory is not freed in time.
  await expect.poll(kills).toContainEqual(expect.objectContaining({ victim: expect.objectContaining({ pid }) }));
  await expect.poll(() => kernel.isAlive(pid)).toBe(false);
  expect(await kernel.measure(path, 'oom-kills')).toBeGreaterThan(0);
  expect(await kernel.measure(path, 'memory-hard-limit')).toBe(16 * MIB);
  await expect.poll(() => group.exactBytes('Hard limit')).toBe(16 * MIB);
}

/** The API asks back too: the write would kill, and is not done. */
async function wouldKill({ server, kernel, path, pid }: Undercut): Promise<void> {
  expect(await server.api('PUT', `/files${path}/memory.max`, { value: '16M' })).toMatchObject({
    status: 409,
    body: { code: 'would_kill' },
  });
  expect(await kernel.measure(path, 'memory-hard-limit')).toBe(256 * MIB);
  expect(await kernel.isAlive(pid)).toBe(true);
}

const UNDERCUT = {
  1: { kernel: 'Expect EBUSY', outcome: isRefused },
  2: { kernel: 'It kills processes', outcome: isKilledFor },
} as const;

test('a limit below usage is asked about first; then v1 refuses what it cannot reclaim, and v2 kills', async ({
  server,
  kernel,
  version,
  frame,
  group,
  run,
  logged,
  complaints,
}) => {
  // With swap there would be neither a refusal nor a kill.
  const limits = { 'memory-hard-limit': '256M', ...(version === 2 ? { 'swap-limit': '0' } : {}) };
  const { group: path, pid } = await run({ name: 'full', argv: holding(48), limits });
  await expect.poll(() => kernel.measure(path, 'memory-usage')).toBeGreaterThan(48 * MIB);
  await group.open(path);
  await expect.poll(() => group.usageBytes()).toBeGreaterThan(48 * MIB);

  await group.type('Hard limit', '16M');
  await expect(frame.question.getByRole('heading')).toHaveText(/Set the hard limit to 16 MiB, under the .* in use\?/);
  await expect(frame.question).toContainText(UNDERCUT[version].kernel);
  await frame.question.getByRole('button', { name: 'Cancel' }).click();
  await expect(frame.question).toBeHidden();
  expect(await kernel.measure(path, 'memory-hard-limit')).toBe(256 * MIB);
  expect(await group.thumbBytes('Hard limit')).toBe(256 * MIB);

  const undercut = { server, kernel, group, path, pid, kills: () => logged('oom_kill', path) };
  if (version === 2) await wouldKill(undercut);
  complaints.allow(REFUSED);
  await group.type('Hard limit', '16M');
  await frame.confirm(/Set the hard limit to 16 MiB/, 'Set 16 MiB');
  await UNDERCUT[version].outcome(undercut);
});

test('an exact value is typed, and the kernel’s rounding shown; undo restores the old one', async ({ page, kernel, group, run }) => {
  const { group: path } = await run({ name: 'exact', argv: REST, limits: { 'memory-hard-limit': '64M' } });
  await group.open(path);
  await group.type('Hard limit', '100000001');
  await expect(group.memory).toContainText('asked 100000001 → kernel set 99999744');
  expect(await kernel.measure(path, 'memory-hard-limit')).toBe(99_999_744);
  await expect.poll(() => group.exactBytes('Hard limit')).toBe(99_999_744);
  await group.memory.getByRole('button', { name: /^Undo/ }).click();
  await expect.poll(() => kernel.measure(path, 'memory-hard-limit')).toBe(64 * MIB);
  await expect.poll(() => group.exactBytes('Hard limit')).toBe(64 * MIB);

  await group.limit('Most tasks').fill('12');
  await group.limit('Most tasks').press('Enter');
  await expect.poll(() => kernel.settingOf(path, 'tasks-limit')).toBe('12');
  await group.limit('CPU quota').fill('0.5');
  await group.limit('CPU quota').press('Enter');
  await expect.poll(() => kernel.settingOf(path, 'cpu-quota')).toBe(String((await kernel.measure(path, 'cpu-period')) / 2));
  await expect(page.getByRole('region', { name: 'Limits' })).toContainText('kernel set 0.5');
});

test('Escape returns a thumb to the kernel’s value', async ({ kernel, group, run }) => {
  const { group: path } = await run({ name: 'left', argv: REST, limits: { 'memory-hard-limit': '64M' } });
  await group.open(path);
  await group.thumb('Hard limit').focus();
  await group.page.keyboard.press('PageUp');
  expect(await group.thumbBytes('Hard limit')).toBe(128 * MIB);
  await group.page.keyboard.press('Escape');
  expect(await group.thumbBytes('Hard limit')).toBe(64 * MIB);
  expect(await kernel.measure(path, 'memory-hard-limit')).toBe(64 * MIB);
});

test('protection is shown over the rail, as far as the groups above protect it; v1 has none', async ({
  server,
  kernel,
  version,
  group,
  run,
}) => {
  const { group: path } = await run({ name: 'protected', argv: REST });
  await group.open(path);
  await expect(group.limit('Most tasks')).toBeVisible();
  if (version === 1) return expect(group.limit('Protected')).toHaveCount(0);
  await group.limit('Protected').fill('32M');
  await group.limit('Protected').press('Enter');
  await expect(group.limits).toContainText(`No effect: ${server.root}`);
  await expect(group.figure('Protected')).toHaveCount(0);
  await server.do('PUT', `/files${server.root}/memory.low`, { value: '16M' });
  await expect(group.figure('Protected')).toHaveText(/^16.0\s*MiB$/);
  await expect(group.limits).toContainText('Only 16.0 MiB has effect');
  expect(await kernel.settingOf(path, 'memory-protection')).toBe(String(32 * MIB));
});
