// Blocks written by hand, as LZ4's "Block Format" spells them.
import { expect, test } from 'vitest';
import { lz4Decompress } from './lz4.ts';

function frame(...blocks: Buffer[]): Buffer {
  return Buffer.concat(
    blocks.flatMap((block) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(block.length);
      return [length, block];
    }),
  );
}

const literals = (text: string): Buffer => Buffer.concat([Buffer.from([text.length << 4]), Buffer.from(text)]);

test('literals only', () => {
  expect(lz4Decompress(frame(literals('cgroup'))).toString()).toBe('cgroup');
});

test('a match that reaches into itself', () => {
  // "ab", then ten bytes from two back, then the last literal.
  const block = Buffer.from([0x26, 0x61, 0x62, 2, 0, 0x10, 0x21]);
  expect(lz4Decompress(frame(block)).toString()).toBe('abababababab!');
});

test('lengths that go on in bytes', () => {
  // 15 + 255 + 5 literals, then 4 + 15 + 1 bytes from one back.
  const block = Buffer.concat([Buffer.from([0xff, 255, 5]), Buffer.alloc(275, 'x'), Buffer.from([1, 0, 1])]);
  expect(lz4Decompress(frame(block)).toString()).toBe('x'.repeat(295));
});

test('blocks follow one another, and the size behind the last is none', () => {
  const size = Buffer.from([0xff, 0xff, 0xff, 0x7f]);
  expect(lz4Decompress(Buffer.concat([frame(literals('one '), literals('two')), size])).toString()).toBe('one two');
});
