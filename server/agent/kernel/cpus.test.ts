// The machine's online CPUs, also where this process may run on fewer.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { cpusIn } from '../../contract/cpu-list.ts';
import { onlineCpus } from './cpus.ts';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  return { ...real, readFileSync: vi.fn(real.readFileSync) };
});

const ONLINE = fs.readFileSync('/sys/devices/system/cpu/online', 'utf8').trim();

test('the online CPUs are listed', () => {
  expect(onlineCpus()).toEqual({ cpus: cpusIn(ONLINE)?.length, cpuList: ONLINE });
});

test('a CPU that goes offline or comes back is noticed by the next call', () => {
  const before = onlineCpus();
  for (const [text, count] of [
    ['0,2-3\n', 3],
    ['0-3\n', 4],
  ] as const) {
    vi.mocked(fs.readFileSync).mockReturnValueOnce(text);
    expect(onlineCpus()).toEqual({ cpus: count, cpuList: text.trim() });
  }
  expect(onlineCpus()).toEqual(before);
});

test('a process bound to one CPU sees all of them', () => {
  const [first = 0] = cpusIn(ONLINE) ?? [];
  const script = `import { onlineCpus } from ${JSON.stringify(join(import.meta.dirname, 'cpus.ts'))}; console.log(onlineCpus().cpuList)`;
  const { stdout } = spawnSync('taskset', ['-c', String(first), process.execPath, '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(stdout.trim()).toBe(ONLINE);
});

test.each([
  ['0', [0]],
  ['0-2,6', [0, 1, 2, 6]],
  ['3,1-2', [1, 2, 3]],
  ['', []],
  ['1-', undefined],
  ['2-1', undefined],
  ['0,,1', undefined],
  ['a', undefined],
])('the list “%s”', (list, cpus) => {
  expect(cpusIn(list)).toEqual(cpus);
});
