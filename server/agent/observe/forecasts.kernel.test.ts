// Warnings before a limit is met, on the real kernel: a leak has one before it is killed; a steady and a frozen group have none.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildDir } from '../../../native/libc/library.ts';
import { sharedAgent } from '../fixtures/shared-agent.ts';

/** MiB a second. */
const leak = (perSec: number) => `exec '${join(buildDir, 'cgdeck-load')}' leak ${perSec}`;
/** Holds 32 MiB and grows no more. */
const STEADY = "x=$(head -c 32M /dev/zero | tr '\\0' x); sleep 1000; : $x";

describe('a limit ahead', () => {
  const agent = sharedAgent('forecast', { intervalMs: 500 });

  test('a leak is reported once before it is killed, a steady group beside it is not', { timeout: 300_000 }, async () => {
    const path = await agent.make('leak', agent.walled('128M'));
    const steady = await agent.make('steady', agent.walled('70M'));
    agent.process(steady, STEADY);
    agent.process(path, leak(5));
    const kill = await agent.event('oom_kill', path);
    const warnings = agent.all('forecast', path);
    expect(warnings).toHaveLength(1);
    const [warning] = warnings;
    expect(warning).toMatchObject({ limitGroup: path, group: path });
    expect(warning?.file).toMatch(/^memory\./);
    expect(warning?.secondsLeft).toBeGreaterThan(0);
    expect(warning?.bytesPerSec).toBeGreaterThan(0);
    expect(warning?.id).toBeLessThan(kill.id);
    expect(agent.all('forecast', steady)).toEqual([]);
  });

  test('a group that is frozen in the middle of its growth has none', { timeout: 300_000 }, async () => {
    const path = await agent.make('frozen', agent.walled('512M'));
    agent.process(path, leak(5));
    // It has a trend by then, and still more than a minute.
    await agent.until(() => Number(agent.measured(path, 'memory-usage') ?? 0) > 80 * 2 ** 20);
    await agent.call('freeze', { group: path });
    await agent.ticks(30);
    expect(agent.all('forecast', path)).toEqual([]);
  });
});
