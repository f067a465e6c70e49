// Finding text in the lines of output, also in those that are not on the screen, and what a copy of all of them has.
import { bytesText } from '../../../server/contract/units.ts';
import type { Output } from './followed.ts';
import type { OutputLine } from './lines.ts';

/** Small and capital letters are the same. @returns the places in `lines` that have the text, in order; none for an empty one */
export function findLines(lines: readonly OutputLine[], wanted: string): number[] {
  if (wanted === '') return [];
  const low = wanted.toLowerCase();
  const found: number[] = [];
  for (const [place, { text }] of lines.entries()) if (text.toLowerCase().includes(low)) found.push(place);
  return found;
}

/** A line as parts, every second one a match. */
export function partsOf(text: string, wanted: string): string[] {
  const low = text.toLowerCase();
  // Some letters change their length: then no place can be told.
  if (wanted === '' || low.length !== text.length) return [text];
  const parts: string[] = [];
  let from = 0;
  for (let at = low.indexOf(wanted.toLowerCase()); at >= 0; at = low.indexOf(wanted.toLowerCase(), from)) {
    parts.push(text.slice(from, at), text.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}

/** The match after (1) or before (-1) a line, around the end; the last one from undefined, since output is read from its end. */
export function stepTo(found: readonly number[], at: number | undefined, step: 1 | -1): number | undefined {
  if (at === undefined) return found.at(-1);
  return step === 1 ? (found.find((place) => place > at) ?? found[0]) : (found.findLast((place) => place < at) ?? found.at(-1));
}

/** What a copy of everything shown has, and what it lacks. */
export function copiedWords({ bytes, keptBytes, overwritten }: Pick<Output, 'bytes' | 'keptBytes' | 'overwritten'>): string {
  if (bytes < keptBytes) return `The last ${bytesText(bytes)} of ${bytesText(keptBytes)} are copied: Download has all of it.`;
  return overwritten ? 'All that is kept is copied; the program wrote more than that.' : 'All of it is copied.';
}
