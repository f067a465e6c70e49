// All parts of a group's page, compared with the kernel's files.
import type { Kernel } from './ask-kernel.ts';
import { COUNTING, holding, REST } from './load.ts';
import type { Frame } from './pages/frame.ts';
import type { GroupPage } from './pages/group.ts';
import type { Server } from './server.ts';
import { slowly } from './slowly.ts';
import { expect, test } from './test.ts';

const MIB = 2 ** 20;
const NAMESPACES = ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user'];
/** Chromium logs each refusal as a failed request. */
const REFUSED = /status of 4\d\d/;

async function ownNamespaces(kernel: Kernel, pid: number): Promise<string[]> {
  const own: string[] = [];
  for (const kind of NAMESPACES) if ((await kernel.namespaceOf(pid, kind)) !== (await kernel.namespaceOf('host', kind))) own.push(kind);
  return own;
}

test('the processes, with their own namespaces', async ({ kernel, group, run }) => {
  const all = await run({ name: 'island', argv: REST });
  const some = await run({ name: 'bridge', argv: REST, namespaces: ['user', 'uts'] });
  for (const { group: path, pid } of [all, some]) {
    await group.open(path);
    const row = group.details.getByRole('row').filter({ has: group.page.getByRole('cell', { name: String(pid), exact: true }) });
    await expect(row.first()).toContainText(REST.join(' '));
    await expect(row.getByRole('cell').nth(8)).toHaveText((await ownNamespaces(kernel, pid)).join(''));
  }
  // Its init, and the program itself.
  expect(await kernel.pidsIn(all.group)).toHaveLength(2);
  expect(await kernel.pidsIn(all.group)).toContain(all.pid);
});

/** A file that rounds what is written, and one that refuses it. */
const FILES = {
  1: {
    found: ['memory.limit_in_bytes', 'memory.swappiness', 'cpuset.cpus', 'pids.max', 'freezer.state', 'cpu.shares'],
    rounded: { file: 'cpu.shares', asked: '1', kernel: '2' },
    refused: { file: 'cpu.cfs_quota_us', kernel: '-1' },
  },
  2: {
    found: ['memory.max', 'memory.swap.max', 'cpuset.cpus.effective', 'pids.max', 'cgroup.freeze', 'cpu.weight'],
    rounded: { file: 'memory.low', asked: '100000001', kernel: '99999744' },
    refused: { file: 'cpu.max', kernel: 'max 100000' },
  },
} as const;

test('every file shows the kernel’s text, and is written in place', async ({ kernel, version, group, run, complaints }) => {
  const { found, rounded, refused } = FILES[version];
  const { group: path } = await run({ name: 'files', argv: REST, limits: { 'memory-hard-limit': '100000001' } });
  await group.open(path);
  await group.show(/^Files/);
  const find = group.details.getByLabel('Find a control file');
  for (const file of found) {
    await find.fill(file);
    await expect(group.file(file).getByRole('code').nth(1), file).toHaveText(await kernel.read(path, file));
  }

  await find.fill(rounded.file);
  await group
    .file(rounded.file)
    .getByRole('button', { name: `Write ${rounded.file}` })
    .click();
  await group.details.getByLabel(`Write to ${rounded.file}`).fill(rounded.asked);
  await group.details.getByRole('button', { name: 'Write', exact: true }).click();
  await expect(group.file(rounded.file).getByRole('status')).toContainText(`asked ${rounded.asked} → kernel set ${rounded.kernel}`);
  expect(await kernel.read(path, rounded.file)).toBe(rounded.kernel);

  complaints.allow(REFUSED);
  await find.fill(refused.file);
  await group
    .file(refused.file)
    .getByRole('button', { name: `Write ${refused.file}` })
    .click();
  await group.details.getByLabel(`Write to ${refused.file}`).fill('500');
  await group.details.getByLabel(`Write to ${refused.file}`).press('Enter');
  await expect(group.file(refused.file).getByRole('alert')).toContainText('EINVAL');
  await expect(group.file(refused.file).getByRole('alert')).toContainText('500');
  expect(await kernel.read(path, refused.file)).toBe(refused.kernel);
});

test('the end of the output follows the process', async ({ group, run }) => {
  const { group: path } = await run({ name: 'talker', argv: COUNTING });
  await group.open(path, 'output');
  await group.output.scrollIntoViewIfNeeded();
  await expect(group.output.getByText('line 3', { exact: true })).toBeVisible();
  await expect(group.output.getByText('line 40', { exact: true })).toBeInViewport({ timeout: slowly(90_000) });
});

test('of much output the end is shown, with the size of what is kept', async ({ group, run }) => {
  const { group: path } = await run({ name: 'flood', argv: ['sh', '-c', 'yes flood | head -c 3000000; echo the end; sleep 600'] });
  await group.open(path, 'output');
  await group.output.scrollIntoViewIfNeeded();
  await expect(group.output.getByText('the end', { exact: true })).toBeInViewport();
  await expect(group.details).toContainText(/The last (1|0\.9\d) MiB of 2\.\d+ MiB kept/);
  expect(await group.output.getByText('flood', { exact: true }).count()).toBeLessThan(100);
});

interface Undercut {
  readonly server: Server;
  readonly kernel: Kernel;
  readonly frame: Frame;
  readonly group: GroupPage;
  readonly path: string;
  readonly pid: number;
}

/** v1 refuses a limit below what it cannot reclaim. */
async function isRefused({ kernel, group, path, pid }: Undercut): Promise<void> {
  await expect(group.memory).toContainText('EBUSY');
  expect(await kernel.measure(path, 'memory-hard-limit')).toBe(256 * MIB);
  await expect.poll(() => group.exactBytes('Hard limit')).toBe(256 * MIB);
  expect(await kernel.isAlive(pid)).toBe(true);
}

/** v2 sets any limit, and kills until usage fits: the program, since its memory cannot be reclaimed. */
async function isKilledFor({ kernel, frame, group, path, pid }: Undercut): Promise<void> {
  // More are killed if the first one's memory is not freed in time.
  await expect(frame.event('OOM kill', path).filter({ hasText: `(pid ${pid}` })).toHaveCount(1);
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

  const undercut = { server, kernel, frame, group, path, pid };
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
  await expect.poll(() => kernel.said(path, 'tasks-limit')).toBe('12');
  await group.limit('CPU quota').fill('0.5');
  await group.limit('CPU quota').press('Enter');
  await expect.poll(() => kernel.said(path, 'cpu-quota')).toBe(String((await kernel.measure(path, 'cpu-period')) / 2));
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
  expect(await kernel.said(path, 'memory-protection')).toBe(String(32 * MIB));
});

test('the URL has the tab', async ({ page, group, run, complaints }) => {
  // Whether a kernel has a control file, such as memory.zswap.max, is known only after reading it.
  complaints.allow(/status of 404 .*\/api\/v1\/files\//);
  const { group: path } = await run({ name: 'tabs', argv: REST });
  await group.open(path);
  await expect(group.memory, 'without a tab in it, the page starts at the top').toBeInViewport({ ratio: 1 });
  for (const name of ['Files', 'Output', 'Events', 'Namespaces', 'Processes']) {
    await group.show(new RegExp(`^${name}`));
    await expect(page).toHaveURL((url) => url.searchParams.get('tab') === name.toLowerCase());
  }
  await group.show(/^Namespaces/);
  await page.reload();
  await expect(group.tab(/^Namespaces/)).toHaveAttribute('aria-selected', 'true');
  await expect(group.tab(/^Namespaces/)).toBeInViewport();
  await expect(page.getByText(/^pid:\[/)).toBeInViewport();
});

test('a group that is removed is reported, and when it is created again the page starts over', async ({
  page,
  server,
  kernel,
  group,
  complaints,
}) => {
  // It may be removed before its cgroup.type is read, which only v2 has.
  complaints.allow(/status of 404 .*\/cgroup\.type/);
  const path = `${server.root}/fleeting`;
  await kernel.makeGroup(path);
  await group.open(path);
  await kernel.removeGroup(path);
  await expect(page.getByRole('heading', { name: `${path} was removed` })).toBeVisible();
  await expect(page.getByRole('main')).toContainText(/It was removed at \d\d:\d\d:\d\d/);
  await kernel.makeGroup(path);
  await group.isOf(path);
  await expect(group.memory).toBeVisible();
});

test('a group that never existed is reported as none', async ({ page, server }) => {
  await page.goto(`/group?path=${encodeURIComponent(`${server.root}/never`)}`);
  await expect(page.getByRole('heading', { name: `There is no group ${server.root}/never` })).toBeVisible();
});
