// A machine that hides files of /proc, as some containers do, and one whose CPUs go offline: the agent starts, without their readings.
import { expect, test, vi } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

const online = vi.hoisted(() => ({ file: '/sys/devices/system/cpu/online', text: undefined as string | undefined }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const hidden = new Set<unknown>(['/proc/meminfo', '/proc/stat', '/proc/net/dev', '/proc/sys/kernel/random/boot_id']);
  const unlessHidden =
    (name: 'openSync' | 'readFileSync') =>
    (path: unknown, ...rest: unknown[]) => {
      if (path === online.file && online.text !== undefined) return online.text;
      if (hidden.has(path)) throw Object.assign(new Error(`ENOENT: ${String(path)}`), { code: 'ENOENT' });
      return (fs[name] as (...parameters: unknown[]) => unknown)(path, ...rest);
    };
  return { ...fs, openSync: unlessHidden('openSync'), readFileSync: unlessHidden('readFileSync') };
});

test('the agent starts without those files, and reads its groups', async () => {
  const agent = await RunningAgent.start('hidden');
  try {
    const { swapBytes, cpus } = await agent.call('host', {});
    expect(swapBytes).toBe(0);
    expect(cpus).toBeGreaterThan(0);
    for (const [text, count] of [
      ['0,2-3\n', 3],
      ['0-3\n', 4],
    ] as const) {
      online.text = text;
      expect(await agent.call('host', {})).toMatchObject({ cpus: count, cpuList: text.trim() });
    }
    online.text = undefined;
    await agent.call('createGroup', { path: `${agent.root}/a` });
    await agent.until(() => agent.measured(`${agent.root}/a`, 'memory-usage') !== undefined);
    expect(agent.reading('/', 'meminfo:MemTotal')).toBeUndefined();
  } finally {
    await agent.clean();
  }
});
