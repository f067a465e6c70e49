// Parsers of control files: from a range of bytes to (part, value) pairs, without making strings of numbers.
import type { ControlFile } from '../../../contract/control-files.ts';
import type { ReadingValue } from '../../../contract/readings.ts';
import { spell } from '../../../contract/spelling.ts';
import { MAX } from '../../../contract/units.ts';
import { disksBelow } from './disk-layers.ts';
import type { DisksBelow } from './disk-sums.ts';
import { isBlank, isUnlimitedOf32Bits, LONG_BITS, meaning, numberAt, numberIn } from './numbers.ts';
import { deviceCounters, deviceKeyed, deviceSettings } from './parse-devices.ts';
import { linesOf, type Parse } from './parse-lines.ts';

const NEWLINE = 10;

function lineEnd(bytes: Buffer, start: number, end: number): number {
  const at = bytes.indexOf(NEWLINE, start);
  return at < 0 || at > end ? end : at;
}

function word(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end).trim();
}

function parseNumber({ kind }: ControlFile): Parse {
  return (bytes, start, end, emit) => {
    const value = numberAt(bytes, start, end);
    if (value !== undefined) emit('', meaning(kind, value));
    else if (word(bytes, start, end) === MAX) emit('', MAX);
  };
}

/** "max 100000": CPU time in each period, and the period, in µs. */
const parseQuotaPeriod: Parse = (bytes, start, end, emit) => {
  const [[quota = '', period = ''] = []] = linesOf(bytes, start, end);
  const [time, length] = [numberIn(quota), numberIn(period)];
  if (quota === MAX) emit('quota', MAX);
  else if (time !== undefined && time >= 0) emit('quota', time);
  if (length !== undefined && length >= 0) emit('period', length);
};

const parseWord: Parse = (bytes, start, end, emit) => {
  const text = word(bytes, start, end);
  if (text !== '') emit('', text);
};

/** An empty list is a reading as well: a cpuset without CPUs accepts no task. */
const parseRanges: Parse = (bytes, start, end, emit) => emit('', word(bytes, start, end));

/** The number of lines, as for a list of members. */
const parseLines: Parse = (bytes, start, end, emit) => {
  let lines = 0;
  for (let at = start; at < end; at++) if (!isBlank(bytes[at]) && (at + 1 === end || bytes[at + 1] === NEWLINE)) lines++;
  emit('', lines);
};

const parsePerCpu: Parse = (bytes, start, end, emit) => {
  let cpu = 0;
  for (let at = start; at < end; at++) {
    if (isBlank(bytes[at])) continue;
    const value = numberAt(bytes, at, end);
    if (value !== undefined) emit(String(cpu), meaning('counter', value));
    cpu++;
    while (at < end && !isBlank(bytes[at])) at++;
  }
};

/**
 * "key value" lines, or a value alone (io.bfq.weight before Linux 5.4). The kernel writes the same keys in the same order each time, so
 * keys are remembered by line number and compared; a line that differs is parsed again.
 */
function flatKeyed({ kind }: ControlFile, wanted: ReadonlySet<string> | undefined): Parse {
  const layout: { key: string; name: string; take: boolean; kind: ControlFile['kind'] }[] = [];
  return (bytes, start, end, emit) => {
    let line = 0;
    for (let at = start; at < end; line++) {
      const stop = lineEnd(bytes, at, end);
      let known = layout[line];
      if (!known || !isKey(bytes, at, stop, known.key)) {
        let blank = at;
        while (blank < stop && !isBlank(bytes[blank])) blank++;
        const key = blank === stop ? '' : bytes.toString('latin1', at, blank);
        // v1's memory.stat has limits among its levels.
        known = { key, name: spell(key), take: wanted?.has(key) ?? true, kind: key.endsWith('_limit') ? 'limit' : kind };
        if (line < LINES_KNOWN) layout[line] = known;
      }
      if (known.take) {
        const from = known.key === '' ? at : at + known.key.length + 1;
        const value = numberAt(bytes, from, stop);
        if (value !== undefined) emit(known.name, meaning(known.kind, value));
        else if (word(bytes, from, stop) === MAX) emit(known.name, MAX);
      }
      at = stop + 1;
    }
  };
}

/** More than any file of keys has. */
const LINES_KNOWN = 512;

function isKey(bytes: Buffer, at: number, stop: number, key: string): boolean {
  const blank = at + key.length;
  if (key === '' || blank >= stop || !isBlank(bytes[blank])) return false;
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key.charCodeAt(i)) return false;
  return true;
}

/** "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" lines, as some.avg10 and so on. */
function nestedKeyed(wanted: ReadonlySet<string> | undefined): Parse {
  return (bytes, start, end, emit) => {
    for (const [head, ...pairs] of linesOf(bytes, start, end)) {
      for (const pair of pairs) {
        const [name = '', text = ''] = pair.split('=');
        const key = `${head}.${name}`;
        const value = numberIn(text);
        if (name !== '' && value !== undefined && (wanted?.has(key) ?? true)) emit(key, meaning('counter', value));
      }
    }
  };
}

export interface ParseOptions {
  /** All lines of a keyed file and all disks, not only what is sampled. */
  readonly all?: boolean;
  /** By default as this machine's /sys has it. */
  readonly below?: DisksBelow;
  /** Of the kernel's long, which decides what is no limit; by default this machine's. */
  readonly longBits?: 32 | 64;
}

/** A parser for one control file of all groups; those of keyed files remember the layout. */
export function parserOf(file: ControlFile, { longBits = LONG_BITS, ...options }: ParseOptions = {}): Parse {
  const parse = parserOfFormat(file, options);
  if (longBits === 64) return parse;
  const isLimit = (part: string) => file.kind === 'limit' || part.endsWith('_limit');
  return (bytes, start, end, emit) =>
    parse(bytes, start, end, (part, value) =>
      emit(part, typeof value === 'number' && isLimit(part) && isUnlimitedOf32Bits(value) ? MAX : value),
    );
}

function parserOfFormat(file: ControlFile, { all = false, below = disksBelow }: ParseOptions): Parse {
  const wanted = file.keys && !all ? new Set(file.keys) : undefined;
  switch (file.format) {
    case 'integer':
    case 'integer-or-max':
    case 'decimal-or-max':
      return parseNumber(file);
    case 'quota-period':
      return parseQuotaPeriod;
    case 'word':
      return parseWord;
    case 'ranges':
      return parseRanges;
    case 'lines':
      return parseLines;
    case 'per-cpu':
      return parsePerCpu;
    case 'flat-keyed':
      return flatKeyed(file, wanted);
    case 'nested-keyed':
      return nestedKeyed(wanted);
    case 'device-keyed':
      return deviceKeyed(wanted, { below, each: all });
    case 'device-counters':
      return deviceCounters(new Set(file.keys), { below, each: all });
    case 'device-settings':
      return deviceSettings(file);
    case 'text':
      return () => {};
  }
}

/** The key of a reading: the file's name, with `:part` for one line of a keyed file. */
export function readingKey(file: ControlFile, part: string): string {
  return part === '' ? file.name : `${file.name}:${part}`;
}

/** The readings in a control file's text, with their keys. */
export function readingsOf(file: ControlFile, text: string | Buffer): [string, ReadingValue][] {
  const readings: [string, ReadingValue][] = [];
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  parserOf(file)(bytes, 0, bytes.length, (part, value) => readings.push([readingKey(file, part), value]));
  return readings;
}
