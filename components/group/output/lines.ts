// Chunks of output to lines: each stream’s lines whole, in the order in which they began, without what only a terminal understands.
import type { OutputChunk } from '../../../server/contract/launched.ts';
import { visible } from '../../../server/contract/visible.mjs';

export interface OutputLine {
  /** When it began, wall-clock ms. */
  readonly time: number;
  readonly stream: OutputChunk['stream'];
  readonly text: string;
  /** It continues the line before, which was too long for one row. */
  readonly continued: boolean;
}

/** A longer line is split: the browser would need seconds for one of a megabyte. */
export const LONGEST = 2000;

/** ECMA-48: control sequences (CSI), strings (OSC, DCS, APC, PM, SOS), and escapes of two or three characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the other invisible characters, except tabs
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** The visible text of a line: the last part after carriage returns, no escapes, no invisible characters. */
export function plainText(line: string): string {
  // The usual line has none of these.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (!/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) return visible(line, '\t');
  const text = line.replace(ESCAPES, '').replace(/\r+$/, '');
  return visible(text.slice(text.lastIndexOf('\r') + 1).replace(UNSEEN, ''), '\t');
}

interface Open {
  readonly place: number;
  readonly time: number;
  text: string;
}

/** A line that a stream has begun is its own until the newline, whatever the other stream writes meanwhile. */
export function linesOf(chunks: readonly OutputChunk[]): OutputLine[] {
  const begun: OutputLine[][] = [];
  const open = new Map<OutputChunk['stream'], Open>();
  for (const { time, stream, text } of chunks) {
    let from = 0;
    while (from < text.length) {
      const newline = text.indexOf('\n', from);
      const part = text.slice(from, newline < 0 ? text.length : newline);
      let line = open.get(stream);
      if (!line) {
        line = { place: begun.push([]) - 1, time, text: '' };
        open.set(stream, line);
      }
      line.text += part;
      if (newline < 0) break;
      begun[line.place] = rowsOf(line, stream);
      open.delete(stream);
      from = newline + 1;
    }
  }
  for (const [stream, line] of open) begun[line.place] = rowsOf(line, stream);
  return begun.flat();
}

function rowsOf({ text, time }: Open, stream: OutputChunk['stream']): OutputLine[] {
  const shown = plainText(text);
  if (shown.length <= LONGEST) return [{ time, stream, text: shown, continued: false }];
  const rows: OutputLine[] = [];
  for (let at = 0; at < shown.length; at += LONGEST) rows.push({ time, stream, text: shown.slice(at, at + LONGEST), continued: at > 0 });
  return rows;
}

export type Shown = 'all' | 'out' | 'err';

export function isShown(stream: OutputChunk['stream'], shown: Shown): boolean {
  return shown === 'all' || stream === 'tty' || stream === shown;
}

/** As it was written, for the clipboard. */
export function textOf(chunks: readonly OutputChunk[], shown: Shown): string {
  return chunks
    .filter(({ stream }) => isShown(stream, shown))
    .map(({ text }) => text)
    .join('');
}
