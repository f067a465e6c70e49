// Output as lines: from chunks, from two streams mixed, with the effect of terminal characters.
import { describe, expect, it } from 'vitest';
import type { OutputChunk } from '../../../server/contract/launched.ts';
import { isShown, LONGEST, linesOf, plainText, textOf } from './lines.ts';

const chunk = (time: number, stream: OutputChunk['stream'], text: string): OutputChunk => ({ time, stream, text });
const shown = (chunks: readonly OutputChunk[]) => linesOf(chunks).map(({ time, stream, text }) => `${time} ${stream} ${text}`);

describe('linesOf', () => {
  it('splits at newlines, wherever chunks end', () => {
    expect(shown([chunk(1, 'out', 'one\ntwo\nth'), chunk(2, 'out', 'ree'), chunk(3, 'out', '\n\nfive')])).toEqual([
      '1 out one',
      '1 out two',
      '1 out three',
      '3 out ',
      '3 out five',
    ]);
    expect(linesOf([])).toEqual([]);
    expect(shown([chunk(1, 'out', '\n')])).toEqual(['1 out ']);
  });

  it('keeps a line of one stream whole while the other writes', () => {
    expect(
      shown([chunk(1, 'out', 'a lo'), chunk(2, 'err', 'oops\nand'), chunk(3, 'out', 'ng line\n'), chunk(4, 'err', ' again\n')]),
    ).toEqual(['1 out a long line', '2 err oops', '2 err and again']);
  });

  it('splits a very long line into parts, and loses nothing of it', () => {
    const text = `${'x'.repeat(LONGEST * 2)}y`;
    const lines = linesOf([chunk(1, 'out', text.slice(0, 7)), chunk(2, 'out', `${text.slice(7)}\nz`)]);
    expect(lines.map(({ text, continued }) => [text.length, continued])).toEqual([
      [LONGEST, false],
      [LONGEST, true],
      [1, true],
      [1, false],
    ]);
    expect(
      lines
        .slice(0, 3)
        .map((line) => line.text)
        .join(''),
    ).toBe(text);
  });

  it('handles a megabyte of short lines', () => {
    const text = 'flood\n'.repeat(2 ** 20 / 6);
    expect(linesOf([chunk(1, 'out', text)])).toHaveLength(Math.floor(2 ** 20 / 6));
  });
});

describe('plainText', () => {
  it.each([
    ['plain', 'plain'],
    ['\u001b[1;31mred\u001b[0m', 'red'],
    ['\u001b]0;a title\u0007after', 'after'],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001b(Bcharset\u001b7', 'charset'],
    ['10%\r50%\r100%\r', '100%'],
    ['windows\r', 'windows'],
    ['bell\u0007 and nul\u0000', 'bell and nul'],
    ['tab\there', 'tab\there'],
    ['turned \u202egnp.exe', 'turned <U+202E>gnp.exe'],
    ['\u009b2Jas one', '<U+009B>2Jas one'],
    ['cut off \u001b[3', 'cut off '],
    ['lone \u001b', 'lone '],
    ['名 ü', '名 ü'],
  ])('%j', (raw, text) => {
    expect(plainText(raw)).toBe(text);
  });
});

it('is filtered by stream, and copied as it was written', () => {
  const chunks = [chunk(1, 'out', 'a\n'), chunk(2, 'err', '\u001b[1mb\n'), chunk(3, 'out', 'c')];
  expect(textOf(chunks, 'all')).toBe('a\n\u001b[1mb\nc');
  expect(textOf(chunks, 'err')).toBe('\u001b[1mb\n');
  expect((['out', 'err', 'tty'] as const).map((stream) => isShown(stream, 'out'))).toEqual([true, false, true]);
});
