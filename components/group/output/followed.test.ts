// Followed output: new output is added, old output is dropped, and nothing twice.
import { expect, test } from 'vitest';
import type { OutputChunk } from '../../../server/contract/launched.ts';
import { followed, type Output } from './followed.ts';

const MIB = 2 ** 20;
const chunk = (time: number, text: string): OutputChunk => ({ time, stream: 'out', text });
const output = (next: string, chunks: OutputChunk[], more: Partial<Output> = {}): Output => {
  const bytes = chunks.reduce((sum, { text }) => sum + text.length, 0);
  return {
    group: '/a',
    id: 'main',
    tty: false,
    chunks,
    bytes,
    keptBytes: bytes,
    overwritten: false,
    truncated: false,
    continues: false,
    next,
    ...more,
  };
};

test('new output is added, and without any nothing changes', () => {
  const first = output('1:2', [chunk(1, 'a')]);
  expect(followed(undefined, first)).toBe(first);
  expect(followed(first, output('1:2', [], { continues: true }))).toBe(first);
  const then = followed(first, output('1:4', [chunk(2, 'bc')], { continues: true, keptBytes: 35 }));
  expect(then).toMatchObject({ chunks: [chunk(1, 'a'), chunk(2, 'bc')], bytes: 3, keptBytes: 3, next: '1:4' });
});

test('an answer that does not continue replaces everything', () => {
  const fresh = output('9:9', [chunk(7, 'z')]);
  expect(followed(output('1:2', [chunk(1, 'a')]), fresh)).toBe(fresh);
});

test('no more is kept than a new page would show', () => {
  const first = output('1:2', [chunk(1, 'ä'.repeat(MIB / 4)), chunk(2, 'b'.repeat(MIB / 2))], { bytes: MIB, keptBytes: 2 * MIB });
  const then = followed(first, output('1:3', [chunk(3, 'c')], { continues: true, keptBytes: 3 * MIB, truncated: true }));
  expect(then).toMatchObject({ bytes: MIB / 2 + 1, keptBytes: 3 * MIB, truncated: true });
  expect(then.chunks.map(({ time }) => time)).toEqual([2, 3]);
});
