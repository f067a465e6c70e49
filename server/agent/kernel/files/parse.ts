// Parsers of control files: from a range of bytes to (part, value) pairs, without making strings of numbers.
import type { ControlFile } from '../../../contract/control-files.ts';
import type { ReadingValue } from '../../../contract/readings.ts';
import { MAX, narrow } from '../../../contract/units.ts';

const NEWLINE = 10;
const BLANK = 32;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
/** A double holds up to 15 digits exactly. */
const SAFE_DIGITS = 15;
const WHOLE = /^\d{1,15}$/;

/** `part`: the key within a keyed file, "" for the value of a file with one value. */
export type Emit = (part: string, value: ReadingValue) => void;
export type Parse = (bytes: Buffer, start: number, end: number, emit: Emit) => void;

/** The number at `start`; undefined if there is none. "-1" is max: v1 writes no limit so. */
export function numberAt(bytes: Buffer, start: number, end: number): ReadingValue | undefined {
  let at = start;
  let value = 0;
  // Bytes after `end` belong to another file.
  if (at < end && bytes[at] === MINUS)
    return at + 1 < end && bytes[at + 1] === ZERO + 1 && !(at + 2 < end && isDigit(bytes[at + 2])) ? MAX : undefined;
  while (at < end && isDigit(bytes[at])) value = value * 10 + ((bytes[at++] ?? ZERO) - ZERO);
  if (at === start) return undefined;
  if (at - start > SAFE_DIGITS) return narrow(BigInt(bytes.toString('latin1', start, at)));
  if (bytes[at] !== DOT) return value;
  const fraction = at + 1;
  at = fraction;
  let decimals = 0;
  while (at < end && isDigit(bytes[at])) decimals = decimals * 10 + ((bytes[at++] ?? ZERO) - ZERO);
  return value + decimals / 10 ** (at - fraction);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function lineEnd(bytes: Buffer, start: number, end: number): number {
  const at = bytes.indexOf(NEWLINE, start);
  return at < 0 || at > end ? end : at;
}

function isMax(bytes: Buffer, start: number, end: number): boolean {
  return end - start === MAX.length && bytes.toString('latin1', start, end) === MAX;
}

function word(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('utf8', start, end).trim();
}

const parseInteger: Parse = (bytes, start, end, emit) => {
  const value = numberAt(bytes, start, end);
  if (value !== undefined) emit('', value);
};

const parseIntegerOrMax: Parse = (bytes, start, end, emit) => {
  const value = numberAt(bytes, start, end);
  if (value !== undefined) emit('', value);
  else if (word(bytes, start, end) === MAX) emit('', MAX);
};

/** "max 100000": CPU time in each period, and the period, in µs. */
const parseQuotaPeriod: Parse = (bytes, start, end, emit) => {
  const [quota = '', period = ''] = word(bytes, start, end).split(' ');
  if (quota === MAX || WHOLE.test(quota)) emit('quota', quota === MAX ? MAX : Number(quota));
  if (WHOLE.test(period)) emit('period', Number(period));
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
  for (let at = start; at < end; at++) if (bytes[at] === NEWLINE) lines++;
  emit('', lines);
};

const parsePerCpu: Parse = (bytes, start, end, emit) => {
  let cpu = 0;
  for (let at = start; at < end; at++) {
    if (!isDigit(bytes[at])) continue;
    const value = numberAt(bytes, at, end);
    while (isDigit(bytes[at])) at++;
    if (value !== undefined) emit(String(cpu++), value);
  }
};

/**
 * "key value" lines. The kernel writes the same keys in the same order each time, so keys are remembered by line number and
 * only compared briefly; a line that differs is parsed again.
 */
function flatKeyed(wanted: ReadonlySet<string> | undefined): Parse {
  const layout: { length: number; key: string; take: boolean }[] = [];
  return (bytes, start, end, emit) => {
    let line = 0;
    for (let at = start; at < end; line++) {
      const stop = lineEnd(bytes, at, end);
      let known = layout[line];
      if (!known || bytes[at + known.length] !== BLANK || !startsWith(bytes, at, known.key)) {
        const blank = bytes.indexOf(BLANK, at);
        const key = blank < 0 || blank > stop ? '' : bytes.toString('latin1', at, blank);
        known = { length: key.length, key, take: key !== '' && (wanted?.has(key) ?? true) };
        layout[line] = known;
      }
      if (known.take) {
        const from = at + known.length + 1;
        const value = numberAt(bytes, from, stop) ?? (isMax(bytes, from, stop) ? MAX : undefined);
        if (value !== undefined) emit(known.key, value);
      }
      at = stop + 1;
    }
  };
}

/** Compares the first, middle and last character: with length and blank, enough to distinguish all of the kernel's keys. */
function startsWith(bytes: Buffer, at: number, key: string): boolean {
  const middle = key.length >> 1;
  return (
    bytes[at] === key.charCodeAt(0) &&
    bytes[at + middle] === key.charCodeAt(middle) &&
    bytes[at + key.length - 1] === key.charCodeAt(key.length - 1)
  );
}

/** "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" lines, as some.avg10 and so on. */
function nestedKeyed(wanted: ReadonlySet<string> | undefined): Parse {
  return (bytes, start, end, emit) => {
    for (const line of bytes.toString('latin1', start, end).split('\n')) {
      const [head, ...pairs] = line.split(' ');
      for (const pair of pairs) {
        const [name, text = ''] = pair.split('=');
        const key = `${head}.${name}`;
        if (text !== '' && (wanted?.has(key) ?? true) && Number.isFinite(Number(text))) emit(key, Number(text));
      }
    }
  };
}

/** "8:0 Read 4096" lines, summed over the devices for each operation; "Total 8192" and v2-like lines are skipped. */
function deviceKeyed(wanted: ReadonlySet<string> | undefined): Parse {
  return (bytes, start, end, emit) => {
    const sums = new Map<string, number>();
    for (const operation of wanted ?? []) sums.set(operation, 0);
    for (const line of bytes.toString('latin1', start, end).split('\n')) {
      const [device = '', operation = '', text = ''] = line.split(' ');
      if (!device.includes(':') || !(wanted?.has(operation) ?? operation !== '')) continue;
      const value = Number(text);
      if (Number.isFinite(value)) sums.set(operation, (sums.get(operation) ?? 0) + value);
    }
    for (const [operation, sum] of sums) emit(operation, sum);
  };
}

/** "8:0 rbytes=4096 wbytes=0 …" lines, summed over the devices for each key. */
function deviceCounters(wanted: ReadonlySet<string> | undefined): Parse {
  return (bytes, start, end, emit) => {
    const sums = new Map<string, number>();
    for (const key of wanted ?? []) sums.set(key, 0);
    for (const { device, key, text } of devicePairs(bytes, start, end)) {
      if (!device.includes(':') || !(wanted?.has(key) ?? true) || !WHOLE.test(text)) continue;
      sums.set(key, (sums.get(key) ?? 0) + Number(text));
    }
    for (const [key, sum] of sums) emit(key, sum);
  };
}

/** "8:16 rbps=1048576 wbps=max …" lines, one reading for each device and key. */
const parseDeviceSettings: Parse = (bytes, start, end, emit) => {
  for (const { device, key, text } of devicePairs(bytes, start, end)) emit(`${device} ${key}`, WHOLE.test(text) ? Number(text) : text);
};

function* devicePairs(bytes: Buffer, start: number, end: number): Iterable<{ device: string; key: string; text: string }> {
  for (const line of bytes.toString('latin1', start, end).split('\n')) {
    const [device = '', ...pairs] = line.split(' ');
    for (const pair of pairs) {
      const [key = '', text = ''] = pair.split('=');
      if (device !== '' && key !== '' && text !== '') yield { device, key, text };
    }
  }
}

/** A parser for one control file of all groups; those of keyed files remember the layout. */
export function parserOf(file: ControlFile): Parse {
  const wanted = file.keys && new Set(file.keys);
  switch (file.format) {
    case 'integer':
      return parseInteger;
    case 'integer-or-max':
    case 'decimal-or-max':
      return parseIntegerOrMax;
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
      return flatKeyed(wanted);
    case 'nested-keyed':
      return nestedKeyed(wanted);
    case 'device-keyed':
      return deviceKeyed(wanted);
    case 'device-counters':
      return deviceCounters(wanted);
    case 'device-settings':
      return parseDeviceSettings;
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
