// Whether a write replaces the value that its caller saw: in the parts of the file that it sets, or in all of its text.
import type { ControlFile } from '../../../contract/control-file.ts';
import { ProblemError } from '../../../contract/problems.ts';
import type { ReadingValue } from '../../../contract/readings.ts';
import { MAX, parseSize } from '../../../contract/units.ts';
import { parserOf } from './parse.ts';

export interface Replacing {
  readonly file: ControlFile;
  /** With the group's path, for people. */
  readonly where: string;
  /** The text of the file. */
  readonly now: string;
  /** What is written. */
  readonly value: string;
  /** The text that was seen, or the parts of it that `value` sets; a size may be written in any unit. */
  readonly replaces: string | undefined;
}

/** Values by their parts; "" is that of a file with one. */
type Values = ReadonlyMap<string, ReadingValue>;

/** @throws ProblemError changed if the file has another value than was seen, and not yet the one that is written */
export function mustReplace({ file, where, now, value, replaces }: Replacing): void {
  if (replaces === undefined || replaces.trim() === now.trim()) return;
  const [has, seen, sets] = [valuesOf(file, now), valuesOf(file, replaces), valuesOf(file, value)];
  const parts = [...sets.keys()];
  const areIn = (values: Values) => parts.length > 0 && parts.every((part) => isSame(valueIn(has, part), valueIn(values, part)));
  const knows = parts.length > 0 && (seen.size > 0 || replaces.trim() === '');
  if ((knows && areIn(seen)) || areIn(sets)) return;
  const [is, was] = knows ? [has, seen].map((values) => textOf(file, values, parts)) : [now.trim(), replaces.trim()];
  throw new ProblemError('changed', `${where} is ${inLine(is)} by now, not ${inLine(was)}: nothing was written.`, {
    file: where,
    asked: was,
    now: is,
  });
}

function valuesOf(file: ControlFile, text: string): Values {
  const values = new Map<string, ReadingValue>();
  const isKeyed = file.format === 'quota-period' || file.format === 'flat-keyed' || file.format === 'device-settings';
  // Elsewhere "300M" and the lists of sets are values as well.
  if (!isKeyed) values.set('', text.trim());
  if (isKeyed || /^\s*-?\d+\s*$/.test(text)) {
    const bytes = Buffer.from(text);
    parserOf(file, { all: true })(bytes, 0, bytes.length, (part, value) => values.set(part === '' ? (file.sets ?? '') : part, value));
  }
  return values;
}

/** A disk without a line has no limit. */
function valueIn(values: Values, part: string): ReadingValue {
  return values.get(part) ?? MAX;
}

function isSame(one: ReadingValue, other: ReadingValue): boolean {
  if (String(one) === String(other)) return true;
  const size = parseSize(one);
  return size !== undefined && size === parseSize(other);
}

/** In the form in which they are written. */
function textOf(file: ControlFile, values: Values, parts: readonly string[]): string {
  const texts = parts.map((part) => {
    const value = valueIn(values, part);
    if (file.format === 'device-settings') return `${part}=${value}`;
    return file.format === 'flat-keyed' && part !== '' && part !== file.sets ? `${part} ${value}` : String(value);
  });
  return texts.join(file.format === 'quota-period' ? ' ' : '\n');
}

function inLine(text = ''): string {
  return text === '' ? 'empty' : text.replaceAll('\n', ', ');
}
