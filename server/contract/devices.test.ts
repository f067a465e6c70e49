// Device rules: read from the kernel's lines, written as them, and summarised in the fewest words.
import { describe, expect, test } from 'vitest';
import { DeviceRules } from './device-schemas.ts';
import {
  containerDevices,
  type DeviceRule,
  deviceRulesText,
  deviceRuleText,
  listedDeviceRules,
  mergeDeviceRules,
  parseDeviceRule,
} from './devices.ts';

const rules = (...lines: string[]) => lines.map((line) => DeviceRules.element.parse(parseDeviceRule(line)));
const texts = (list: readonly DeviceRule[]) => list.map(deviceRuleText);

test.each(['c 1:3 rwm', 'b *:* m', 'a *:* rwm', 'c 136:* rw', 'b 4095:1048575 r'])(
  '%s is the same after parsing and formatting',
  (line) => {
    expect(texts(rules(line))).toEqual([line]);
  },
);

test('any order of accesses and any number of blanks is parsed', () => {
  expect(texts(rules(' c  1:3   mwr '))).toEqual(['c 1:3 rwm']);
});

test.each(['', 'c', 'c 1:3', 'c 1:3 x', 'c 1:3 rr', 'd 1:3 r', 'c 4096:0 r', 'c 0:1048576 r', 'c -1:0 r', 'c 1 r', 'c 1:3 r extra'])(
  '%j is no rule',
  (line) => {
    expect(parseDeviceRule(line)).toBeUndefined();
  },
);

describe('the schema', () => {
  test.each([
    { type: 'c', major: 1, minor: 3, access: '' },
    { type: 'c', major: 1, minor: 3, access: 'mr' },
    { type: 'c', major: '1', minor: 3, access: 'r' },
    { type: 'c', major: 1.5, minor: 3, access: 'r' },
    { type: 'c', major: 1, minor: 3, access: 'r', allow: false },
  ])('refuses %j', (rule) => {
    expect(DeviceRules.element.safeParse(rule).success).toBe(false);
  });

  test('bounds the list', () => {
    const [rule] = containerDevices;
    const list = (length: number) => Array.from({ length }, () => rule);
    expect(DeviceRules.safeParse(list(64)).success).toBe(true);
    expect(DeviceRules.safeParse(list(65)).success).toBe(false);
  });
});

describe('merged', () => {
  test.each([
    [['c 1:3 r', 'c 1:3 w'], ['c 1:3 rw']],
    [['c 1:3 r', 'c 1:* rw'], ['c 1:* rw']],
    [
      ['a 1:3 rw', 'c 1:3 r', 'b 1:3 m'],
      ['a 1:3 rw', 'b 1:3 m'],
    ],
    [['c 1:3 rwm', 'a *:* rwm', 'b 8:0 r'], ['a *:* rwm']],
    // One rule has to allow all that is asked for at once: these two do not add up.
    [
      ['c 1:3 r', 'c 1:* w'],
      ['c 1:3 r', 'c 1:* w'],
    ],
    [[], []],
  ])('%j is %j', (asked, fewest) => {
    expect(texts(mergeDeviceRules(rules(...asked)))).toEqual(fewest);
  });

  test('the containers’ list does not change', () => {
    expect(mergeDeviceRules(containerDevices)).toEqual(containerDevices);
  });
});

test('a rule for both kinds is one for each on v1, which takes "a" for everything', () => {
  expect(texts(listedDeviceRules(rules('a 1:3 r', 'c 1:3 w')))).toEqual(['b 1:3 r', 'c 1:3 rw']);
});

test('no restriction, no devices and a list have texts', () => {
  expect(deviceRulesText('hidden')).toBe('rules that the kernel does not show');
  expect([null, [], rules('c 1:3 r', 'b 8:0 r')].map(deviceRulesText)).toEqual(['a *:* rwm', 'nothing', 'c 1:3 r, b 8:0 r']);
});
