// The end of the output, and output after a position: across a turn of the ring, incomplete chunks and characters, and invalid positions.
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { calls } from '../../contract/calls.ts';
import { chunk } from './fixtures/output-chunk.ts';
import { readTail } from './output-tail.ts';

const MIB = 1024 * 1024;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-output-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const newer = () => join(dir, 'output');
const older = () => join(dir, 'output.1');
const texts = ({ chunks }: ReturnType<typeof readTail>) => chunks.map(({ text }) => text);

describe('the tail on disk', () => {
  test('is empty without output', () => {
    expect(readTail(dir)).toEqual({ chunks: [], bytes: 0, keptBytes: 0, overwritten: false, truncated: false, continues: false });
  });

  test('includes the older file of the ring', () => {
    writeFileSync(older(), chunk(1, 'out', 'old\n'));
    writeFileSync(newer(), chunk(100, 'err', 'new\n'));
    expect(readTail(dir)).toMatchObject({
      chunks: [
        { time: 1, stream: 'out', text: 'old\n' },
        { time: 100, stream: 'err', text: 'new\n' },
      ],
      bytes: 8,
      keptBytes: 8,
      overwritten: true,
      truncated: true,
    });
  });

  test('is at most 1 MiB of complete chunks', () => {
    const line = 'x'.repeat(999);
    writeFileSync(newer(), Buffer.concat(Array.from({ length: 3000 }, (_, i) => chunk(i * 100, 'out', `${line}\n`))));
    const { chunks, bytes, keptBytes, truncated, overwritten } = readTail(dir);
    expect({ truncated, overwritten }).toEqual({ truncated: true, overwritten: false });
    expect(bytes).toBeLessThanOrEqual(MIB);
    expect(bytes).toBeGreaterThan(MIB - 3000 - 16 * 1100);
    expect(chunks.every(({ text }) => text === `${line}\n`)).toBe(true);
    expect(chunks.at(-1)?.time).toBe(299_900);
    expect(keptBytes).toBe(3000 * 1016);
  });
});

describe('characters at the edges', () => {
  test('the last bytes are shown once the program has ended, though they are no whole character', () => {
    writeFileSync(newer(), Buffer.concat([chunk(1, 'err', Buffer.from([0xe2, 0x82])), chunk(2, 'out', Buffer.from('caf\xe9', 'latin1'))]));
    const before = readTail(dir);
    expect(texts(before)).toEqual(['caf']);
    writeFileSync(join(dir, 'exit'), '{}');
    expect(readTail(dir).chunks.map(({ stream, text }) => `${stream} ${text}`)).toEqual(['out caf', 'out \ufffd', 'err \ufffd']);
    const since = readTail(dir, before.next);
    expect(since).toMatchObject({ continues: true, chunks: [{ text: '\ufffd' }, { text: '\ufffd' }] });
    expect(readTail(dir, since.next).chunks).toEqual([]);
  });

  test('a cut tail begins with a whole character in each stream', () => {
    const rest = Buffer.from('€').subarray(1);
    writeFileSync(older(), '');
    writeFileSync(
      newer(),
      Buffer.concat([chunk(1, 'out', Buffer.concat([rest, Buffer.from('a')])), chunk(20, 'out', Buffer.from([0x80]))]),
    );
    expect(texts(readTail(dir))).toEqual(['a', '\ufffd']);
  });
});

describe('output since a position', () => {
  test('is only the new output, or nothing', () => {
    writeFileSync(newer(), chunk(1, 'out', 'one\n'));
    const first = readTail(dir);
    expect(first.next).toMatch(/^\d+:20$/);
    expect(readTail(dir, first.next)).toMatchObject({ chunks: [], bytes: 0, continues: true, next: first.next });
    appendFileSync(newer(), chunk(2, 'err', 'two\n'));
    const second = readTail(dir, first.next);
    expect(second).toMatchObject({ chunks: [{ time: 2, stream: 'err', text: 'two\n' }], bytes: 4, keptBytes: 40, continues: true });
    expect(texts(readTail(dir))).toEqual(['one\n', 'two\n']);
  });

  test('continues across a turn of the ring', () => {
    writeFileSync(newer(), chunk(1, 'out', 'one'));
    const { next } = readTail(dir);
    appendFileSync(newer(), chunk(200, 'out', 'two'));
    renameSync(newer(), older());
    writeFileSync(newer(), chunk(300, 'out', 'three'));
    const since = readTail(dir, next);
    expect(since).toMatchObject({ continues: true, overwritten: true, truncated: false });
    expect(texts(since)).toEqual(['two', 'three']);
    expect(readTail(dir, since.next)).toMatchObject({ chunks: [], continues: true });
  });

  test('waits for the rest of an incomplete chunk or character', () => {
    const whole = chunk(2, 'out', 'é');
    writeFileSync(newer(), chunk(1, 'out', Buffer.concat([Buffer.from('x'), Buffer.from('é').subarray(0, 1)])));
    const first = readTail(dir);
    expect(texts(first)).toEqual(['x']);
    expect(first.next).toMatch(/:out=c3$/);
    expect(calls.output.params.safeParse({ group: '/a', after: first.next }).success).toBe(true);
    appendFileSync(newer(), chunk(2, 'out', Buffer.concat([Buffer.from('é').subarray(1), Buffer.from('!')])));
    appendFileSync(newer(), whole.subarray(0, 17));
    const second = readTail(dir, first.next);
    expect(texts(second)).toEqual(['é!']);
    appendFileSync(newer(), whole.subarray(17));
    expect(texts(readTail(dir, second.next))).toEqual(['é']);
  });

  test('is the whole tail if the position was overwritten, is not between chunks, or is more than 1 MiB back', () => {
    writeFileSync(newer(), Buffer.concat([chunk(1, 'out', 'one'), chunk(2, 'out', 'two')]));
    const { next = '' } = readTail(dir);
    const inode = next.split(':')[0];
    for (const after of ['1:0', `${inode}:5`, `${inode}:4000`])
      expect(readTail(dir, after), after).toMatchObject({ continues: false, bytes: 6 });
    appendFileSync(newer(), Buffer.concat(Array.from({ length: 40 }, () => chunk(3, 'out', 'x'.repeat(MIB / 32)))));
    expect(readTail(dir, next).continues).toBe(false);
  });

  test.each(['', 'x', '1', '1:2:out=', '1:2:out=c', '1:2:out=c3c3c3c3', '1:2:in=c3', '1:2\n'])('treats %j as invalid', (after) => {
    expect(calls.output.params.safeParse({ group: '/a', after }).success).toBe(false);
  });
});
