// Quantities in readings of both versions: key and unit.
import { describe, expect, test } from 'vitest';
import { divisorOf, keyOf, keyOn, keysOf, measureOf, type Quantity, quantities, quantityOf } from './quantities.ts';
import type { Readings } from './readings.ts';

const V1: Readings = {
  'memory.usage_in_bytes': 4096,
  'memory.limit_in_bytes': 'max',
  'cpuacct.usage': 5_000_000,
  'cpu.stat:nr_throttled': 3,
  'cpu.stat:throttled_time': 7000,
  'pids.max': 12,
};
const V2: Readings = {
  'memory.current': 8192,
  'memory.max': 65536,
  'cpu.stat:usage_usec': 5000,
  'cpu.stat:nr_throttled': 4,
  'cpu.stat:throttled_usec': 9,
  'pids.max': 'max',
};

test.each<[Quantity, string | undefined, unknown, string | undefined, unknown]>([
  ['memory-usage', 'memory.usage_in_bytes', 4096, 'memory.current', 8192],
  ['memory-hard-limit', 'memory.limit_in_bytes', 'max', 'memory.max', 65536],
  ['cpu-usage', 'cpuacct.usage', 5000, 'cpu.stat:usage_usec', 5000],
  ['cpu-throttled-periods', 'cpu.stat:nr_throttled', 3, 'cpu.stat:nr_throttled', 4],
  ['cpu-throttled', 'cpu.stat:throttled_time', 7, 'cpu.stat:throttled_usec', 9],
  ['tasks-limit', 'pids.max', 12, 'pids.max', 'max'],
  ['swap-limit', undefined, undefined, undefined, undefined],
])('%s', (quantity, onV1, v1, onV2, v2) => {
  expect([keyOf(quantity, V1), measureOf(quantity, V1)]).toEqual([onV1, v1]);
  expect([keyOf(quantity, V2), measureOf(quantity, V2)]).toEqual([onV2, v2]);
});

describe.each(Object.keys(quantities) as Quantity[])('%s', (quantity) => {
  test('is found by each of its keys', () => {
    expect(keysOf(quantity).length).toBeGreaterThan(0);
    for (const version of [1, 2] as const) {
      const key = keyOn(quantity, version);
      if (key !== undefined) expect(quantityOf(key, version)).toBe(quantity);
    }
    for (const key of keysOf(quantity)) expect(divisorOf(quantity, key)).toBeGreaterThan(0);
  });
});

test('swap, and memory with swap, are different quantities', () => {
  expect(keyOn('swap-limit', 1)).toBeUndefined();
  expect(keyOn('memsw-limit', 2)).toBeUndefined();
  expect(keyOn('cpu-shares', 2)).toBeUndefined();
});
