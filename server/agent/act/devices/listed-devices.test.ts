// The lines that turn one v1 device list into another, without denying in between what both allow.
import { describe, expect, test } from 'vitest';
import { type DeviceRule, parseDeviceRule } from '../../../contract/devices.ts';
import { linesBetween, parseDeviceList } from './listed-devices.ts';

const rules = (...lines: string[]): DeviceRule[] => lines.flatMap((line) => parseDeviceRule(line) ?? []);

test('parses the kernel’s list, and "everything" as null', () => {
  expect(parseDeviceList('a *:* rwm\n')).toBeNull();
  expect(parseDeviceList('')).toEqual([]);
  expect(parseDeviceList('c 1:3 rwm\nb *:* m\n')).toEqual(rules('c 1:3 rwm', 'b *:* m'));
});

describe('lines', () => {
  const lines = (...between: Parameters<typeof linesBetween>) => linesBetween(...between).map(({ file, text }) => `${file} ${text}`);

  test('from everything: denies all, then allows the list', () => {
    expect(lines(null, rules('c 1:3 rw'))).toEqual(['devices.deny a', 'devices.allow c 1:3 rw']);
  });

  test('to everything', () => {
    expect(lines(rules('c 1:3 rw'), null)).toEqual(['devices.allow a']);
    expect(lines(null, null)).toEqual([]);
  });

  test('from list to list: allows what is new, then denies what is too much', () => {
    expect(lines(rules('c 1:3 rw', 'c 1:5 r'), rules('c 1:3 rm', 'b 8:0 r'))).toEqual([
      'devices.allow c 1:3 m',
      'devices.allow b 8:0 r',
      'devices.deny c 1:3 w',
      'devices.deny c 1:5 r',
    ]);
    expect(lines(rules('c 1:3 rw'), rules('c 1:3 rw'))).toEqual([]);
  });
});
