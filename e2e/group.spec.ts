// A group's page in all its parts, beside what the kernel's files say.
import { readlinkSync } from 'node:fs';
import { makeGroup, pidsIn, read, readNumber, removeGroup } from './kernel.ts';
import { COUNTING, holding, REST } from './load.ts';
import { expect, test } from './test.ts';

const MIB = 2 ** 20;
const NAMESPACES = ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user'];
/** Chromium logs each refusal as a failed request. */
const REFUSED = /status of 4\d\d/;

test('the processes, with the namespaces that are their own', async ({ group, run }) => {
  const all = await run({ name: 'island', argv: REST });
  const some = await run({ name: 'bridge', argv: REST, namespaces: ['user', 'uts'] });
  for (const { group: path, pid } of [all, some]) {
    await group.open(path);
    const row = group.details.getByRole('row').filter({ has: group.page.getByRole('cell', { name: String(pid), exact: true }) });
    await expect(row.first()).toContainText(REST.join(' '));
    const own = NAMESPACES.filter((kind) => readlinkSync(`/proc/${pid}/ns/${kind}`) !== readlinkSync(`/proc/self/ns/${kind}`));
    await expect(row.getByRole('cell').nth(8)).toHaveText(own.join(''));
  }
  // Its init, and the program itself.
  expect(pidsIn(all.group)).toHaveLength(2);
  expect(pidsIn(all.group)).toContain(all.pid);
});

test('every file reads as the kernel has it, and is written in place', async ({ group, run, complaints }) => {
  const { group: path } = await run({ name: 'files', argv: REST, limits: { 'memory.limit_in_bytes': '100000001' } });
  await group.open(path);
  await group.show(/^Files/);
  const find = group.details.getByLabel('Find a control file');
  for (const file of ['memory.limit_in_bytes', 'memory.swappiness', 'cpuset.cpus', 'pids.max', 'freezer.state', 'cpu.shares']) {
    await find.fill(file);
    await expect(group.file(file).getByRole('code').nth(1), file).toHaveText(read(path, file));
  }

  await group.file('cpu.shares').getByRole('button', { name: 'Write cpu.shares' }).click();
  await group.details.getByLabel('Write to cpu.shares').fill('1');
  await group.details.getByRole('button', { name: 'Write', exact: true }).click();
  await expect(group.file('cpu.shares').getByRole('status')).toContainText(/asked 1 → kernel says 2/);
  expect(read(path, 'cpu.shares')).toBe('2');

  complaints.allow(REFUSED);
  await find.fill('cpu.cfs_quota_us');
  await group.file('cpu.cfs_quota_us').getByRole('button', { name: 'Write cpu.cfs_quota_us' }).click();
  await group.details.getByLabel('Write to cpu.cfs_quota_us').fill('500');
  await group.details.getByLabel('Write to cpu.cfs_quota_us').press('Enter');
  await expect(group.file('cpu.cfs_quota_us').getByRole('alert')).toContainText('EINVAL');
  await expect(group.file('cpu.cfs_quota_us').getByRole('alert')).toContainText('500');
  expect(read(path, 'cpu.cfs_quota_us')).toBe('-1');
});

test('the end of the output follows the process', async ({ group, run }) => {
  const { group: path } = await run({ name: 'talker', argv: COUNTING });
  await group.open(path, 'output');
  await group.output.scrollIntoViewIfNeeded();
  await expect(group.output.getByText('line 3', { exact: true })).toBeVisible();
  await expect(group.output.getByText('line 40', { exact: true })).toBeInViewport({ timeout: 20_000 });
});

test('of much output the end is shown, and how much more is kept', async ({ group, run }) => {
  const { group: path } = await run({ name: 'flood', argv: ['sh', '-c', 'yes flood | head -c 3000000; echo the end; sleep 600'] });
  await group.open(path, 'output');
  await group.output.scrollIntoViewIfNeeded();
  await expect(group.output.getByText('the end', { exact: true })).toBeInViewport();
  await expect(group.details).toContainText(/The last (1|0\.9\d) MiB of 2\.\d+ MiB kept/);
  expect(await group.output.getByText('flood', { exact: true }).count()).toBeLessThan(100);
});

test('a limit under usage is asked about first, and EBUSY is shown when the kernel cannot', async ({ frame, group, run, complaints }) => {
  const { group: path } = await run({ name: 'full', argv: holding(48), limits: { 'memory.limit_in_bytes': '256M' } });
  await expect.poll(() => readNumber(path, 'memory.usage_in_bytes')).toBeGreaterThan(48 * MIB);
  await group.open(path);
  await expect.poll(() => group.usageBytes()).toBeGreaterThan(48 * MIB);

  await group.type('Hard limit', '16M');
  await expect(frame.question.getByRole('heading')).toHaveText(/Set the hard limit to 16 MiB, under the .* in use\?/);
  await frame.question.getByRole('button', { name: 'Cancel' }).click();
  await expect(frame.question).toBeHidden();
  expect(readNumber(path, 'memory.limit_in_bytes')).toBe(256 * MIB);
  expect(await group.thumbBytes('Hard limit')).toBe(256 * MIB);

  complaints.allow(REFUSED);
  await group.type('Hard limit', '16M');
  await frame.confirm(/Set the hard limit to 16 MiB/, 'Set 16 MiB');
  await expect(group.memory).toContainText('EBUSY');
  expect(readNumber(path, 'memory.limit_in_bytes')).toBe(256 * MIB);
  await expect.poll(() => group.exactBytes('Hard limit')).toBe(256 * MIB);
});

test('an exact value is typed, and the kernel’s rounding shown; undo takes it back', async ({ page, group, run }) => {
  const { group: path } = await run({ name: 'exact', argv: REST, limits: { 'memory.limit_in_bytes': '64M' } });
  await group.open(path);
  await group.type('Hard limit', '100000001');
  await expect(group.memory).toContainText('asked 100000001 → kernel says 99999744');
  expect(readNumber(path, 'memory.limit_in_bytes')).toBe(99_999_744);
  await expect.poll(() => group.exactBytes('Hard limit')).toBe(99_999_744);
  await group.memory.getByRole('button', { name: /^Undo/ }).click();
  await expect.poll(() => readNumber(path, 'memory.limit_in_bytes')).toBe(64 * MIB);
  await expect.poll(() => group.exactBytes('Hard limit')).toBe(64 * MIB);

  await group.limit('Most tasks').fill('12');
  await group.limit('Most tasks').press('Enter');
  await expect.poll(() => read(path, 'pids.max')).toBe('12');
  await group.limit('CPU quota').fill('0.5');
  await group.limit('CPU quota').press('Enter');
  await expect.poll(() => readNumber(path, 'cpu.cfs_quota_us')).toBe(readNumber(path, 'cpu.cfs_period_us') / 2);
  await expect(page.getByRole('region', { name: 'Limits' })).toContainText('kernel says 0.5');
});

test('Escape leaves a thumb where the kernel has it', async ({ group, run }) => {
  const { group: path } = await run({ name: 'left', argv: REST, limits: { 'memory.limit_in_bytes': '64M' } });
  await group.open(path);
  await group.thumb('Hard limit').focus();
  await group.page.keyboard.press('PageUp');
  expect(await group.thumbBytes('Hard limit')).toBe(128 * MIB);
  await group.page.keyboard.press('Escape');
  expect(await group.thumbBytes('Hard limit')).toBe(64 * MIB);
  expect(readNumber(path, 'memory.limit_in_bytes')).toBe(64 * MIB);
});

test('the address holds the tab', async ({ page, group, run }) => {
  const { group: path } = await run({ name: 'tabs', argv: REST });
  await group.open(path);
  for (const name of ['Files', 'Output', 'Events', 'Namespaces', 'Processes']) {
    await group.show(new RegExp(`^${name}`));
    await expect(page).toHaveURL((url) => url.searchParams.get('tab') === name.toLowerCase());
  }
  await group.show(/^Namespaces/);
  await page.reload();
  await expect(group.tab(/^Namespaces/)).toHaveAttribute('aria-selected', 'true');
});

test('a group that vanishes says so, and when it is made again the page starts anew', async ({ page, server, group }) => {
  const path = `${server.root}/fleeting`;
  makeGroup(path);
  await group.open(path);
  removeGroup(path);
  await expect(page.getByRole('heading', { name: `${path} is gone` })).toBeVisible();
  await expect(page.getByRole('main')).toContainText(/It was removed at \d\d:\d\d:\d\d/);
  makeGroup(path);
  await group.isOf(path);
  await expect(group.memory).toBeVisible();
});

test('a group that never was is said to be none', async ({ page, server }) => {
  await page.goto(`/group?path=${encodeURIComponent(`${server.root}/never`)}`);
  await expect(page.getByRole('heading', { name: `There is no group ${server.root}/never` })).toBeVisible();
});
