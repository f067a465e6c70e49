// Any text as a mount table: nothing throws, and no mount is found that is not in it.
import { array, assert, constantFrom, nat, property, string, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { visibleMounts } from './mountinfo.ts';

const LONG_BYTES = 10 * 2 ** 20;
const bytes = string({ unit: nat(255).map((code) => String.fromCharCode(code)) });
const word = constantFrom('/', '/a', '/a/b', '/a/b/c', '/a\\040b', '-', '1', '2', '3', '0:1', 'rw', 'ro', 'cgroup', 'cgroup2', '');
const line = tuple(nat(6), nat(6), constantFrom('/', '/a', '/a/b', '/a/b/c', '/d'), word)
  .map(([id, parent, point, source]) => `${id} ${parent} 0:${id} / ${point} rw - cgroup ${source} rw,x${id}`)
  .chain((whole) => constantFrom(whole, `${whole} more`));

test('any bytes and any fields are a table', () => {
  assert(
    property(bytes, array(array(word)), (text, fields) => {
      visibleMounts(text);
      visibleMounts(`${fields.map((one) => one.join(' ')).join('\n')}\n`);
    }),
  );
});

test('each mount point shows one mount at most, whatever the parents are', () => {
  assert(
    property(array(line, { maxLength: 12 }), (lines) => {
      const shown = visibleMounts(`${lines.join('\n')}\n`);
      const places = shown.map(({ parent, mountPoint }) => `${parent} ${mountPoint}`);
      expect(new Set(places).size).toBe(places.length);
      for (const { id, mountPoint } of shown)
        expect(lines.some((one) => one.startsWith(`${id} `) && one.includes(` ${mountPoint} `))).toBe(true);
    }),
  );
});

test('a table that is cut has no line that the whole one has not', () => {
  assert(
    property(array(line, { maxLength: 12 }), nat(1000), (lines, at) => {
      const options = (text: string) => visibleMounts(text).map(({ superOptions }) => superOptions.join(','));
      const whole = new Set(lines.map((one) => one.split(' ').at(one.endsWith('more') ? -2 : -1)));
      for (const one of options(`${lines.join('\n')}\n`.slice(0, at))) expect(whole).toContain(one);
    }),
  );
});

test.each([
  ['of mounts one over the other', (at: number) => `${at + 1} ${at} 0:${at} / /a rw - cgroup cgroup rw,x\n`],
  ['of one mount', () => '1 1 0:1 / / rw - cgroup cgroup rw,x\n'],
  ['without an end', () => '/a/a'],
])('ten MiB %s are read', (_, part) => {
  const count = Math.ceil(LONG_BYTES / part(0).length);
  visibleMounts(Array.from({ length: count }, (_, at) => part(at)).join(''));
});
