// A frame through its bytes and back, and bytes that are no frame.
import { encode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import { testFrame } from './fixtures/test-frame.ts';
import { type Change, decodeFrame, encodeFrame } from './frame.ts';

const entry = { gid: 7, path: '/größe/群', inode: 2 ** 40 + 1, managed: true, self: false, controllers: ['memory', 'unified'] };

describe('encoding and decoding', () => {
  test.each<[string, Change[]]>([
    ['nothing', []],
    [
      'numbers',
      [
        [1, 'a', 0],
        [1, 'b', -5],
        [2, 'a', 0.25],
        [1, 'c', Number.MAX_SAFE_INTEGER],
        [1, 'd', Number.MIN_VALUE],
      ],
    ],
    [
      'no limit and no longer there',
      [
        [1, 'a', 'max'],
        [1, 'b', null],
      ],
    ],
    [
      'only words',
      [
        [1, 'freezer.state', 'FROZEN'],
        [2, 'cpuset.cpus', ''],
        [2, 'x', '0-3,6 群'],
      ],
    ],
    ['the largest gid', [[2 ** 32 - 1, 'a', 1]]],
  ])('%s', (_, changes) => {
    const frame = testFrame({ changes, groups: [entry], removed: [3, 4] });
    expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
  });

  test('words follow numbers, each in order, and none of 10,000 is lost', () => {
    const changes = Array.from(
      { length: 10_000 },
      (_, i): Change => [i % 997, `key${i % 31}`, i % 5 === 0 ? `w${i}` : i % 7 === 0 ? 'max' : i % 11 === 0 ? null : i],
    );
    const isWord = ([, , value]: Change) => typeof value === 'string' && value !== 'max';
    const decoded = decodeFrame(encodeFrame(testFrame({ changes })));
    expect(decoded.changes).toEqual([...changes.filter((change) => !isWord(change)), ...changes.filter(isWord)]);
  });

  test('bytes at any offset of a larger buffer, as from a socket, are decoded', () => {
    const frame = testFrame({
      changes: [
        [1, 'a', 1],
        [2, 'b', 'max'],
      ],
    });
    const bytes = encodeFrame(frame);
    for (let shift = 0; shift < 8; shift++) {
      const large = Buffer.alloc(bytes.length + 16, 0xff);
      large.set(bytes, shift);
      expect(decodeFrame(large.subarray(shift, shift + bytes.length))).toEqual(frame);
    }
  });

  test('a thousand groups of thirty numbers take under 17 bytes a number', () => {
    const changes = Array.from({ length: 30_000 }, (_, i): Change => [Math.floor(i / 30), `memory.stat:key${i % 30}`, i * 4096]);
    expect(encodeFrame(testFrame({ changes })).length).toBeLessThan(30_000 * 17);
  });
});

describe('bytes that are not a frame of this version', () => {
  const whole = encodeFrame(testFrame({ changes: [[1, 'a', 1]] }));

  test.each([
    ['nothing', new Uint8Array(0)],
    ['random bytes', Uint8Array.from({ length: 64 }, (_, i) => (i * 151 + 193) & 0xff)],
    ['text', new TextEncoder().encode('{"type":"frame"}')],
    ['null', encode(null)],
    ['a number', encode(5)],
    ['an empty object', encode({})],
    ['a truncated frame', whole.subarray(0, whole.length - 3)],
    ['a frame with bytes behind it', Uint8Array.from([...whole, 0])],
  ])('%s', (_, bytes) => {
    expect(() => decodeFrame(bytes)).toThrow();
  });

  test('the error names another version', () => {
    expect(() => decodeFrame(encode({ version: 2 }))).toThrow('frame version 2, this side speaks 1');
  });
});
