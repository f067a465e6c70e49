// What a file has no line for any more is no reading any more.
import { expect, test } from 'vitest';
import { findControlFile } from '../../../contract/control-files.ts';
import type { Readings } from '../../../contract/readings.ts';
import { FileReadings } from './file-readings.ts';

function read(name: string, texts: readonly string[], known: Readings = {}): Readings {
  const entry = findControlFile(name, 2);
  const file = entry && FileReadings.of(entry);
  let parts = -1;
  for (const text of texts) {
    const bytes = Buffer.from(text);
    const emit = (key: string, value: Readings[string] | null) => {
      if (value === null) delete known[key];
      else known[key] = value;
    };
    parts = file?.take(bytes, 0, bytes.length, parts, known, emit) ?? parts;
  }
  return known;
}

const CPU = 'usage_usec 200\nuser_usec 120\nsystem_usec 80\n';
const USED = { 'cpu.stat:usage_usec': 200, 'cpu.stat:user_usec': 120, 'cpu.stat:system_usec': 80 };

test('cpu.stat of a group that lost the cpu controller', () => {
  expect(read('cpu.stat', [`${CPU}nr_periods 9\nnr_throttled 5\nthrottled_usec 777\n`, CPU])).toEqual(USED);
});

test('a file that is opened again, of which more was known', () => {
  expect(read('cpu.stat', [CPU], { 'cpu.stat:nr_throttled': 5, 'cpu.max:quota': 7 })).toEqual({ ...USED, 'cpu.max:quota': 7 });
});

test('as many lines as before, of another device', () => {
  expect(read('io.max', ['8:0 rbps=1 wbps=max riops=max wiops=max\n', '8:16 rbps=2 wbps=max riops=max wiops=max\n'])).toEqual({
    'io.max:8:16 rbps': 2,
    'io.max:8:16 wbps': 'max',
    'io.max:8:16 riops': 'max',
    'io.max:8:16 wiops': 'max',
  });
});

test('pressure of which the full line is gone', () => {
  const some = 'some avg10=1.00 avg60=1.00 avg300=1.00 total=5\n';
  expect(Object.keys(read('cpu.pressure', [`${some}full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n`, some])).sort()).toEqual(
    Object.keys(read('cpu.pressure', [some])).sort(),
  );
});
