// The flags and variables that are more than a text.
import { expect, test } from 'vitest';
import { usualLevels } from './contract/pressure.ts';
import { readSettings } from './settings.ts';

const io = { low: { of: 'some', percent: 5 }, medium: { of: 'some', percent: 20 }, critical: { of: 'full', percent: 60 } };

test.each([
  [[], {}, { memory: usualLevels }],
  [['--pressure', 'io=some5,some20,full60', '--pressure', 'cpu'], {}, { memory: usualLevels, cpu: usualLevels, io }],
  [[], { CGDECK_PRESSURE: 'memory=some5,some20,full60' }, { memory: io }],
  [['--pressure', 'none'], {}, {}],
])('pressure: %j with %j', (args, env, pressure) => {
  expect(readSettings(args, env).pressure).toEqual(pressure);
});

test.each([
  [{ CGDECK_CONTROL: '/docker/**,/lxc/*' }, ['/docker/**', '/lxc/*']],
  [{ CGDECK_CONTROL: '/t/{a,b},/t/a\\,b,/t/a\\\\,' }, ['/t/{a,b}', '/t/a\\,b', '/t/a\\\\']],
  [{ CGDECK_CONTROL: '/t/{a,/b' }, ['/t/{a', '/b']],
  [{ CGDECK_CONTROL: '' }, []],
])('patterns in %j are parted by commas, save in braces and behind a backslash', (env, control) => {
  expect(readSettings([], env).control).toEqual(control);
});

test('a pattern that can match no group is refused', () => {
  expect(() => readSettings(['--control', 'docker/**'], {})).toThrow(/begin with a slash/);
});

test('a pattern that a group’s name could make take minutes is refused', () => {
  expect(() => readSettings(['--control', '/docker/(a+)+b'], {})).toThrow(/--control wants patterns .* which is not taken here/);
});

test.each(['disk', 'memory=10', 'memory=some10,some30'])('pressure "%s" is refused with what it wants', (text) => {
  expect(() => readSettings(['--pressure', text], {})).toThrow(/--pressure wants none, or memory, cpu or io/);
});

test('a run directory whose socket no path would reach is refused with the longest that does', () => {
  const longest = `/${'r'.repeat(95)}`;
  expect(readSettings(['--run-dir', longest], {}).runDir).toBe(longest);
  expect(() => readSettings(['--run-dir', `${longest}r`], {})).toThrow(/--run-dir wants a shorter path, of at most 96 bytes/);
});
