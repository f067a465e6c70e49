// Reading the monitor's output: complete and incomplete chunks, tails cut anywhere, and downloads while the ring turns.
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ProblemError } from '../../contract/problems.ts';
import { chunk } from './fixtures/output-chunk.ts';
import { firstChunkIn, parseChunks, type RawChunk, readPart, type Stream } from './output-files.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-output-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const newer = () => join(dir, 'output');
const older = () => join(dir, 'output.1');

function all(bytes: Buffer): { time: number; stream: Stream; text: string }[] {
  const found: RawChunk[] = [];
  parseChunks(bytes, 0, (one) => found.push(one));
  return found.map(({ time, stream, bytes: content }) => ({ time, stream, text: content.toString() }));
}

describe('chunks', () => {
  test('have their time and stream, and the last one only when complete', () => {
    const bytes = Buffer.concat([chunk(5, 'out', 'a'), chunk(7, 'err', 'bc'), chunk(9, 'tty', 'd')]);
    const whole = [
      { time: 5, stream: 'out', text: 'a' },
      { time: 7, stream: 'err', text: 'bc' },
    ];
    expect(all(bytes)).toEqual([...whole, { time: 9, stream: 'tty', text: 'd' }]);
    for (let cut = 1; cut < 17; cut++) expect(all(bytes.subarray(0, bytes.length - cut)), String(cut)).toEqual(whole);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a stream that there is none of', Buffer.concat([chunk(1, 'out', 'x')]).fill(3, 12, 13)],
    [
      'a length that the monitor never writes',
      (() => {
        const bytes = chunk(1, 'out', 'x');
        bytes.writeUInt32LE(1 << 20, 8);
        return bytes;
      })(),
    ],
    ['text', Buffer.from('hello, this is no header at all\n')],
  ])('%s is none', (_, bytes) => expect(all(bytes)).toEqual([]));
});

describe('a tail cut in the middle of a chunk', () => {
  const parts = Array.from({ length: 40 }, (_, i) => chunk(1000 + i, i % 2 === 0 ? 'out' : 'err', `line ${i}\n`.repeat(i + 1)));
  const bytes = Buffer.concat(parts);
  const starts = new Set(parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + part.length, 0)));

  test('begins with the next chunk, wherever it was cut', () => {
    for (let cut = 0; cut < 2000; cut++) {
      const at = cut + firstChunkIn(bytes.subarray(cut));
      expect(starts.has(at), `cut at ${cut}`).toBe(true);
      expect(
        [...starts].find((start) => start >= cut),
        `cut at ${cut}`,
      ).toBe(at);
    }
  });

  test('does so while the last chunk is incomplete', () => {
    for (let missing = 1; missing < 40; missing++) {
      const cut = 777;
      const tail = bytes.subarray(cut, bytes.length - missing);
      expect(starts.has(cut + firstChunkIn(tail)), `${missing} missing`).toBe(true);
    }
  });

  test('without a chunk has none', () => expect(firstChunkIn(Buffer.alloc(5000, 'x'))).toBe(5000));
});

describe('a download', () => {
  function download(stream: 'all' | 'out' | 'err', between: (part: number) => void = () => {}): string {
    const pieces: Buffer[] = [];
    let at: string | undefined;
    for (let part = 0; ; part++) {
      const { bytes, next } = readPart(dir, stream, at);
      pieces.push(bytes);
      if (next === undefined) return Buffer.concat(pieces).toString();
      at = next;
      between(part);
    }
  }
  const filled = (name: string, count: number) =>
    Buffer.concat(Array.from({ length: count }, (_, i) => chunk(i, i % 3 === 0 ? 'err' : 'out', `${name}${i};`)));

  test('has all output in order, or one stream', () => {
    writeFileSync(older(), filled('a', 20_000));
    writeFileSync(newer(), filled('b', 20_000));
    const numbers = Array.from({ length: 20_000 }, (_, i) => i);
    expect(download('all')).toBe([...numbers.map((i) => `a${i};`), ...numbers.map((i) => `b${i};`)].join(''));
    const err = numbers.filter((i) => i % 3 === 0);
    expect(download('err')).toBe([...err.map((i) => `a${i};`), ...err.map((i) => `b${i};`)].join(''));
  });

  test('continues where it was when the ring turns', () => {
    writeFileSync(newer(), filled('a', 20_000));
    const text = download('all', (part) => {
      if (part !== 0) return;
      renameSync(newer(), older());
      writeFileSync(newer(), filled('b', 10));
    });
    expect(text.startsWith('a0;a1;')).toBe(true);
    expect(text.endsWith('a19999;b0;b1;b2;b3;b4;b5;b6;b7;b8;b9;')).toBe(true);
  });

  test('is refused when the next part was overwritten', () => {
    writeFileSync(newer(), chunk(1, 'out', 'x'));
    appendFileSync(newer(), chunk(2, 'out', 'half').subarray(0, 18));
    expect(download('all')).toBe('x');
    expect(download('out')).toBe('x');
    expect(() => readPart(dir, 'all', '1:0')).toThrow(ProblemError);
  });

  test('of nothing is empty', () => expect(download('all')).toBe(''));
});
