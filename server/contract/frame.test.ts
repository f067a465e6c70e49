// A frame through its bytes and back, its parts, its size, and bytes that are no frame.
import { encode } from '@msgpack/msgpack';
import { describe, expect, test } from 'vitest';
import type { Change } from './columns.ts';
import { changesIn, testFrame, withChanges } from './fixtures/test-frame.ts';
import { decodeFrame, encodeDetail, encodeFrame, encodeSummary, FRAME_VERSION, joinParts, summaryPart } from './frame.ts';

const entry = { gid: 7, path: '/größe/群', inode: 2 ** 40 + 1, managed: true, self: false, controllers: ['memory', 'unified'] };

describe('encoding and decoding', () => {
  test.each<[string, Change[]]>([
    ['nothing', []],
    [
      'numbers',
      [
        [1, 'a', 0],
        [2, 'a', 0.25],
        [1, 'b', -5],
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
    [
      'words and numbers under one key',
      [
        [1, 'cpuset.cpus', 3],
        [2, 'cpuset.cpus', '0-1'],
        [9, 'cpuset.cpus', null],
      ],
    ],
    [
      'pages, hundredths, and numbers that are neither',
      [
        [1, 'pages', 4096],
        [2, 'pages', 2 ** 52],
        [1, 'hundredths', 0.07],
        [2, 'hundredths', 99.99],
        [3, 'hundredths', 4096],
        [1, 'thirds', 1 / 3],
        [2, 'thirds', 0.1 + 0.2],
      ],
    ],
    ['the largest gid', [[2 ** 32 - 1, 'a', 1]]],
    [
      'gids in any order, one twice',
      [
        [9, 'a', 1],
        [2, 'a', 2],
        [9, 'a', 3],
      ],
    ],
  ])('%s', (_, changes) => {
    const frame = testFrame({ changes, groups: [entry], removed: [3, 4] });
    expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
  });

  test('none of 10,000 readings is lost', () => {
    const changes = Array.from(
      { length: 10_000 },
      (_, i): Change => [i % 997, `key${i % 31}`, i % 5 === 0 ? `w${i}` : i % 7 === 0 ? 'max' : i % 11 === 0 ? null : i],
    );
    const byKey = Array.from({ length: 31 }, (_, key) => changes.filter((_, i) => i % 31 === key));
    expect(changesIn(decodeFrame(encodeFrame(testFrame({ changes }))).columns)).toEqual(byKey.flat());
  });

  test('bytes at any offset of a larger buffer, as from a socket, are decoded', () => {
    const frame = testFrame({
      changes: [
        [1, 'a', 1],
        [2, 'memory.current', 'max'],
      ],
      detail: { of: '/a', columns: [{ key: 'b', gids: [1], values: [5] }] },
    });
    const bytes = encodeFrame(frame);
    for (let shift = 0; shift < 8; shift++) {
      const large = Buffer.alloc(bytes.length + 16, 0xff);
      large.set(bytes, shift);
      expect(withChanges(decodeFrame(large.subarray(shift, shift + bytes.length)))).toMatchObject({
        changes: [
          [2, 'memory.current', 'max'],
          [1, 'a', 1],
        ],
        detail: frame.detail,
      });
    }
  });
});

describe('the parts of a frame', () => {
  const frame = testFrame({
    groups: [entry],
    changes: [
      [7, 'memory.current', 8192],
      [7, 'memory.stat:anon', 4096],
      [7, 'meminfo:MemAvailable', 4096],
    ],
  });

  test('the first is a frame of its own, with what the deck needs and nothing else', () => {
    const summary = summaryPart(encodeFrame(frame));
    expect(summary).toEqual(encodeSummary(frame));
    expect(withChanges(decodeFrame(summary))).toMatchObject({
      groups: [entry],
      changes: [
        [7, 'memory.current', 8192],
        [7, 'meminfo:MemAvailable', 4096],
      ],
    });
  });

  test('a detail follows it, and names its group', () => {
    const detail = { of: '/größe/群', columns: [{ key: 'memory.stat:anon', gids: [7], values: [4096] }] };
    const decoded = decodeFrame(joinParts(encodeSummary(frame), encodeDetail(detail)));
    expect(decoded.detail).toEqual(detail);
    expect(decoded.columns).toHaveLength(2);
  });
});

describe('bytes that are not a frame of this version', () => {
  const whole = encodeFrame(testFrame({ changes: [[1, 'a', 1]] }));
  const sized = (content: unknown) => joinParts(Uint8Array.of(encode(content).length, 0, 0, 0), encode(content));

  test.each([
    ['nothing', new Uint8Array(0)],
    ['random bytes', Uint8Array.from({ length: 64 }, (_, i) => (i * 151 + 193) & 0xff)],
    ['text', new TextEncoder().encode('{"type":"frame"}')],
    ['null', sized(null)],
    ['a number', sized(5)],
    ['an empty object', sized({})],
    ['a truncated frame', whole.subarray(0, whole.length - 3)],
    ['a frame with bytes behind it', Uint8Array.from([...whole, 0])],
  ])('%s', (_, bytes) => {
    expect(() => decodeFrame(bytes)).toThrow();
  });

  test('the error names another version', () => {
    expect(() => decodeFrame(sized({ version: 1 }))).toThrow(`frame version 1, this side speaks ${FRAME_VERSION}`);
  });
});
