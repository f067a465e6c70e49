// Guards without a line on the real kernel: a group that only waits for memory, and one that grows towards its limit.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { buildDir } from '../../native/libc/library.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

const MIB = 2 ** 20;
let agent: RunningAgent;
let folder: string;

beforeEach(async () => {
  agent = await RunningAgent.start('triggers');
  // On disk, where a page that was reclaimed has to be read again; in a test machine /tmp is.
  folder = mkdtempSync(process.env.CGDECK_TEST_MACHINE === undefined ? '/var/tmp/cgdeck-test-' : '/tmp/cgdeck-test-');
});

afterEach(async () => {
  await agent.clean();
  rmSync(folder, { recursive: true });
});

test.each([
  ['by the kernel’s measure of pressure, where there is one', ''],
  ['by its limit hits and what it reads again, in v1’s hierarchies alone', 'outside'],
])('thrashing, %s: it is held, a raised limit cures it, and it goes on', async (_, where) => {
  const file = join(folder, 'data');
  const path = await agent.make('thrash', agent.walled('24M'));
  const { unified } = agent.layout;
  // On v2 there is no other measure than pressure, and both are the same.
  const leave =
    where === 'outside' && unified && agent.layout.ofController('memory')
      ? `echo $$ > '${agent.layout.dir(unified, '/')}/cgroup.procs'; `
      : '';
  // Written inside, so that its pages are charged to the group.
  agent.process(path, `${leave}head -c ${96 * MIB} /dev/zero > '${file}'; sync; while :; do cat '${file}' > /dev/null; done`);
  await agent.call('setGuard', { pattern: path, plan: { thrashing: { percent: 2, seconds: 2 } } });
  const { id, reason, facts } = await agent.event('hold', path);
  expect([reason, facts.lineBytes]).toEqual(['thrashing', undefined]);
  // A task that waits for the disk stops a moment later.
  await vi.waitFor(async () => expect((await agent.call('group', { path })).state).toBe('frozen'), { timeout: 60_000 });
  const answer = await agent.call('decide', { hold: id, choice: { do: 'raise', bytes: '512M' } });
  expect(answer).toMatchObject({ outcome: 'continues' });
  // Its file fits now.
  await vi.waitFor(() => expect(Number(agent.kernel.measure(path, 'memory-usage'))).toBeGreaterThan(90 * MIB), { timeout: 60_000 });
  expect((await agent.call('guards', {})).groups).toMatchObject([{ group: path, state: 'armed' }]);
});

test('growth: held before it meets its limit, and thawed as it is', async () => {
  const path = await agent.make('grow', agent.walled('900M'));
  await agent.call('setGuard', { pattern: path, plan: { growth: { seconds: 60 } } });
  agent.process(path, `exec '${join(buildDir, 'cgdeck-load')}' leak 15`);
  const { id, reason, facts } = await agent.event('hold', path);
  expect(reason).toBe('growth');
  expect(facts.usageBytes).toBeLessThan(800 * MIB);
  await agent.call('decide', { hold: id, choice: { do: 'thaw' } });
  const before = Number(agent.kernel.measure(path, 'memory-usage'));
  await vi.waitFor(() => expect(Number(agent.kernel.measure(path, 'memory-usage'))).toBeGreaterThan(before), { timeout: 60_000 });
  expect((await agent.call('guards', {})).groups).toMatchObject([{ state: 'paused' }]);
});

test('growth: its cache is reclaimed and it continues on v2, which v1 refuses', async () => {
  const file = join(folder, 'cache');
  const path = await agent.make('cache', agent.walled('900M'));
  agent.process(path, `head -c ${64 * MIB} /dev/zero > '${file}'; sync; exec '${join(buildDir, 'cgdeck-load')}' leak 15`);
  await agent.until(() => Number(agent.measured(path, 'memory-anonymous') ?? 0) > 4 * MIB);
  await agent.call('setGuard', { pattern: path, plan: { growth: { seconds: 600 } } });
  const { id } = await agent.event('hold', path);
  const asked = agent.call('decide', { hold: id, choice: { do: 'reclaim', bytes: '32M' } });
  if (agent.layout.ofController('memory')) {
    await expect(asked).rejects.toMatchObject({ problem: { code: 'unsupported', detail: expect.stringContaining('memory.force_empty') } });
    expect(await agent.event('decision', path)).toMatchObject({ outcome: 'refused' });
    await expect(agent.call('cancelReclaim', { hold: id })).rejects.toMatchObject({ problem: { code: 'conflict' } });
    return;
  }
  const { outcome, sentence } = await asked;
  expect([outcome, sentence]).toEqual(['continues', expect.stringMatching(/^Reclaimed [\d.]+ MiB, and continues/)]);
});
