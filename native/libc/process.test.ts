// Sealed copies of programs.
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildDir } from './library.ts';
import { sealedCopy } from './process.ts';

test('makes a complete copy that not even root can write to', () => {
  const program = join(buildDir, 'launch');
  const copy = sealedCopy(program);
  try {
    const path = `/proc/self/fd/${copy}`;
    expect(readFileSync(path).equals(readFileSync(program))).toBe(true);
    const refused = expect.objectContaining({ code: 'EPERM' });
    for (const fd of [copy, openSync(path, 'r+')]) {
      expect(() => writeSync(fd, 'x', 0)).toThrow(refused);
      for (const length of [0, 1 << 24]) expect(() => ftruncateSync(fd, length)).toThrow(refused);
      if (fd !== copy) closeSync(fd);
    }
    expect(readFileSync(path).equals(readFileSync(program))).toBe(true);
  } finally {
    closeSync(copy);
  }
});

test('refuses a missing file', () => {
  expect(() => sealedCopy('/no/such')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});
