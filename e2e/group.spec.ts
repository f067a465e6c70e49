// The parts of a group’s page apart from its limits, compared with the kernel’s files.
import type { Kernel } from './ask-kernel.ts';
import { COUNTING, REST } from './load.ts';
import { slowly } from './slowly.ts';
import { expect, test } from './test.ts';

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
  // It may be removed before its cgroup.type is read, which only v2 has; and it is of v2 alone until it is made in the other hierarchies.
  complaints.allow(/status of 404 .*\/(cgroup\.type|io\.stat)/);
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

test('until it is known what the machine has, nothing of a group is shown or asked for by a guess', async ({
  page,
  server,
  kernel,
  group,
}) => {
  const path = `${server.root}/early`;
  await kernel.makeGroup(path);
  const answer = Promise.withResolvers<void>();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.route(/\/api\/v1\/host$/, async (route) => {
    await answer.promise;
    await route.continue();
  });
  const framed = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
  await page.goto(`/group?path=${encodeURIComponent(path)}`);
  await framed;
  await page.waitForTimeout(300);
  expect(asked.filter((url) => url.startsWith('/api/v1/files'))).toEqual([]);
  await expect(group.memory).toHaveCount(0);
  answer.resolve();
  await expect(group.memory).toBeVisible();
});

test('a group that never existed is reported as none', async ({ page, server }) => {
  await page.goto(`/group?path=${encodeURIComponent(`${server.root}/never`)}`);
  await expect(page.getByRole('heading', { name: `There is no group ${server.root}/never` })).toBeVisible();
});

test('processes that /proc hides are counted', async ({ page, server, kernel, group }) => {
  const path = `${server.root}/hidden`;
  await kernel.makeGroup(path);
  await page.route(/\/api\/v1\/processes\?/, (route) => route.fulfill({ json: { processes: [], total: 2 } }));
  await group.open(path, 'processes');
  await expect(group.details.getByRole('heading', { name: '0 of 2 processes' })).toBeVisible();
  await expect(group.details).toContainText('/proc hides them');
});

// Linux accepts any byte in the name of a group but "/", NUL and a line break.
test('groups whose names have quotes, markup, line separators or right-to-left text are opened from the deck', async ({
  server,
  kernel,
  deck,
  group,
}) => {
  const names = [
    [`"'\`<b>&amp;%2f`, `"'\`<b>&amp;%2f`],
    ['a\u2028b\u001b[31m', 'a\\xe2\\x80\\xa8b\\x1b[31m'],
    ['שלום \u202etxt', 'שלום \\xe2\\x80\\xaetxt'],
  ] as const;
  for (const [name] of names) await kernel.makeGroup(`${server.root}/${name}`);
  for (const [, spelling] of names) {
    await deck.open();
    await deck.row(spelling).click();
    await group.isOf(`${server.root}/${spelling}`);
    await expect(group.memory).toBeVisible();
    expect((await server.view(`${server.root}/${spelling}`)).path).toBe(`${server.root}/${spelling}`);
  }
});
