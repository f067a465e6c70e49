// /proc/meminfo and /proc/stat of real machines.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostSample, parseMeminfo, parseStat } from './host-sample.ts';

const MEMINFO = `MemTotal:       24558604 kB
MemFree:        20563304 kB
MemAvailable:   23434556 kB
Buffers:          143240 kB
SwapCached:            0 kB
SwapTotal:       2097148 kB
SwapFree:        2097148 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
`;

test.each([
  [
    MEMINFO,
    {
      'meminfo:MemTotal': 24558604 * 1024,
      'meminfo:MemAvailable': 23434556 * 1024,
      'meminfo:SwapTotal': 2097148 * 1024,
      'meminfo:SwapFree': 2097148 * 1024,
    },
  ],
  ['MemTotal: 1 kB\nMemAvail', { 'meminfo:MemTotal': 1024 }],
  ['MemTotal: kB\nSwapTotal: x kB\n', {}],
  ['', {}],
])('meminfo', (text, readings) => {
  expect(Object.fromEntries(parseMeminfo(text))).toEqual(readings);
});

test.each([
  [
    'cpu  30 2 30 400 50 6 7 8 9 10\ncpu0 10 1 20 300 40 5 6 7 8 9\ncpu1 20 1 10 100 10 1 1 1 1 1\nintr 12345 0 1\nctxt 5\n',
    {
      'stat:cpu0.total': 389,
      'stat:cpu0.busy': 49,
      'stat:cpu1.total': 144,
      'stat:cpu1.busy': 34,
    },
  ],
  // A CPU that is offline has no line; the others keep their numbers.
  [
    'cpu0 1 0 0 9 0 0 0 0 0 0\ncpu3 5 0 0 5 0 0 0 0 0 0\n',
    { 'stat:cpu0.total': 10, 'stat:cpu0.busy': 1, 'stat:cpu3.total': 10, 'stat:cpu3.busy': 5 },
  ],
  ['cpu 1 2 3\nctxt 5\n', {}],
  ['', {}],
])('stat', (text, readings) => {
  expect(Object.fromEntries(parseStat(text))).toEqual(readings);
});

test('the first read emits everything, the next only what changed', () => {
  const host = new HostSample();
  try {
    const first = new Map<string, unknown>();
    host.read((key, value) => first.set(key, value));
    expect([...first.keys()]).toEqual(
      expect.arrayContaining(['meminfo:MemTotal', 'meminfo:MemAvailable', 'stat:cpu0.busy', 'stat:cpu0.total']),
    );
    host.read((key, value) => {
      expect(key).not.toBe('meminfo:MemTotal');
      expect(value).not.toBe(first.get(key));
    });
  } finally {
    host.close();
  }
});

test('a missing file has no readings; those of a CPU that goes offline are removed', () => {
  const dir = mkdtempSync(join(tmpdir(), 'cgdeck-host-'));
  const stat = join(dir, 'stat');
  writeFileSync(stat, 'cpu0 1 0 0 9\ncpu1 5 0 0 5\n');
  const host = new HostSample({ [join(dir, 'none')]: parseMeminfo, [dir]: parseMeminfo, [stat]: parseStat });
  try {
    const read = () => {
      const readings: Record<string, unknown> = {};
      host.read((key, value) => {
        readings[key] = value;
      });
      return readings;
    };
    expect(read()).toEqual({ 'stat:cpu0.total': 10, 'stat:cpu0.busy': 1, 'stat:cpu1.total': 10, 'stat:cpu1.busy': 5 });
    writeFileSync(stat, 'cpu0 2 0 0 9\n');
    expect(read()).toEqual({ 'stat:cpu0.total': 11, 'stat:cpu0.busy': 2, 'stat:cpu1.total': null, 'stat:cpu1.busy': null });
    expect(read()).toEqual({});
  } finally {
    host.close();
    rmSync(dir, { recursive: true });
  }
});
