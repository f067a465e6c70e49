// What parsers of control files have in common: what they are given and emit, and lines as words.
import type { ReadingValue } from '../../../contract/readings.ts';

/** `part`: the key within a keyed file, "" for the value of a file with one value. */
export type Emit = (part: string, value: ReadingValue) => void;
export type Parse = (bytes: Buffer, start: number, end: number, emit: Emit) => void;

/** The words of each line that has some. */
export function* linesOf(bytes: Buffer, start: number, end: number): Iterable<string[]> {
  for (const line of bytes.toString('latin1', start, end).replaceAll('\t', ' ').split('\n')) {
    const words = line.split(' ');
    const found = words.includes('') ? words.filter((text) => text !== '') : words;
    if (found.length > 0) yield found;
  }
}
