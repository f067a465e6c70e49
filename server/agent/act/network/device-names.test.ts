// Names and aliases: short enough for the kernel, safe for `ip -batch`, and distinct from another agent’s.
import { expect, test } from 'vitest';
import { DeviceNames } from './device-names.ts';

const names = new DeviceNames('1a2b3c4d5e6f7081');
const other = new DeviceNames('1a2b9c4d5e6f7081');

test('names the last subnet of the largest range in 15 characters', () => {
  expect(names.device(2 ** 22 - 1)).toBe('cgd1a2b3_3fffff');
  expect([names.hasOurName('cgd1a2b3_0'), other.hasOurName('cgd1a2b3_0')]).toEqual([true, false]);
});

test.each(['/cgdeck/a', '/größe 1', '/a"b\'c\\d#e%20\tf\ng', '/'])('reads %j back from its alias', (owner) => {
  const alias = names.alias(owner);
  expect(alias).toMatch(/^cgdeck:1a2b3c4d5e6f7081:[\w/.%-]+$/);
  expect([names.owner(alias), names.hasOurAlias(alias), other.hasOurAlias(alias)]).toEqual([owner, true, false]);
});

test('cuts a long path to the kernel’s maximum', () => {
  const alias = names.alias(`/${'ö'.repeat(2000)}`);
  expect(alias).toHaveLength(255);
  expect(names.owner(alias)).toMatch(/^\/ö+/);
});

test('names tables after their device', () => {
  const table = names.table(names.device(7));
  expect(table).toBe('cgdeck_cgd1a2b3_7');
  expect([names.hasOurTableName(table), other.hasOurTableName(table), other.hasAnyTableName(table)]).toEqual([true, false, true]);
  expect(names.hasAnyTableName('filter')).toBe(false);
});
