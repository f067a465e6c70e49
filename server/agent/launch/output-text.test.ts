// Output as text: chunks of one moment joined, streams separate, split characters joined.
import { describe, expect, test } from 'vitest';
import type { RawChunk, Stream } from './output-files.ts';
import { type Begun, begunText, joinChunks, parseBegun } from './output-text.ts';

describe('joined', () => {
  const raw = (time: number, stream: Stream, bytes: Buffer | string): RawChunk => ({ time, stream, bytes: Buffer.from(bytes) });

  test('joins chunks of one stream and moment, and keeps streams separate', () => {
    expect(joinChunks([raw(0, 'out', 'a'), raw(3, 'out', 'b'), raw(4, 'err', 'c'), raw(5, 'out', 'd'), raw(30, 'out', 'e')])).toEqual([
      { time: 0, stream: 'out', text: 'ab' },
      { time: 4, stream: 'err', text: 'c' },
      { time: 5, stream: 'out', text: 'd' },
      { time: 30, stream: 'out', text: 'e' },
    ]);
  });

  test('joins a split character, also with another stream between', () => {
    const [head, tail] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
    const text = joinChunks([raw(0, 'out', Buffer.concat([Buffer.from('a'), head])), raw(1, 'err', '!'), raw(2, 'out', tail)]);
    expect(text.map((one) => one.text)).toEqual(['a', '!', 'é']);
  });

  test('joins a character from a chunk per byte, and shows invalid bytes as such', () => {
    const bytes = Buffer.from('a€😀');
    const ones = Array.from(bytes, (byte) => raw(0, 'out', Buffer.from([byte])));
    expect(joinChunks(ones)).toEqual([{ time: 0, stream: 'out', text: 'a€😀' }]);
    expect(joinChunks([raw(0, 'out', Buffer.from([0x80, 0xff, 0x41]))])[0]?.text).toBe('\ufffd\ufffdA');
  });

  test('completes a character in the next answer', () => {
    const begun: Begun = {};
    const euro = Buffer.from('€');
    expect(joinChunks([raw(0, 'out', euro.subarray(0, 2)), raw(1, 'err', euro.subarray(0, 1))], begun)).toEqual([]);
    expect(begunText(begun)).toBe(':out=e282:err=e2');
    const begins = parseBegun(`12:34${begunText(begun)}`);
    expect(joinChunks([raw(2, 'out', euro.subarray(2)), raw(3, 'err', euro.subarray(1))], begins).map(({ text }) => text)).toEqual([
      '€',
      '€',
    ]);
    expect(begunText(begins)).toBe('');
  });
});
