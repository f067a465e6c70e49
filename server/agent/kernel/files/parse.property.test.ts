// Any bytes as any control file: no parser throws, invents a value, or lets a counter fall.
import { array, assert, constantFrom, nat, oneof, property, string, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { controlFiles, findControlFile } from '../../../contract/control-files.ts';
import type { ReadingValue } from '../../../contract/readings.ts';
import { type ParseOptions, parserOf } from './parse.ts';

const bytes = string({ unit: nat(255).map((code) => String.fromCharCode(code)) });
const word = constantFrom(
  '8:0',
  '7:0',
  '253:1',
  'max',
  'Read',
  'Total',
  'rbytes=4096',
  'rbytes=',
  'x=-1.5',
  'some',
  'avg10=0.00',
  'anon',
  '(unknown)',
);
const number = oneof(nat().map(String), constantFrom('-1', '18446744073709543424', '1000000000000000', '9'.repeat(30), '0.5', '1.2.3'));
/** Words and numbers as the kernel's, in any order, with any end. */
const text = array(oneof(word, number, constantFrom(' ', '\n', '\n\n', '\t', '=', ':', '\0')), { maxLength: 60 }).map((parts) =>
  parts.join(''),
);
const file = constantFrom(...controlFiles);
const below = (disk: string) => (disk === '253:1' ? ['8:0'] : []);

function parsed(of: (typeof controlFiles)[number], input: string, options: ParseOptions = {}): Map<string, ReadingValue> {
  const body = Buffer.from(input, 'latin1');
  const readings = new Map<string, ReadingValue>();
  parserOf(of, { below, ...options })(body, 0, body.length, (part, value) => readings.set(part, value));
  return readings;
}

test('a value is a word or a number that 64 bits hold, and only settings are below zero', () => {
  assert(
    property(file, oneof(bytes, text), constantFrom(false, true), (of, input, all) => {
      for (const value of parsed(of, input, { all }).values()) {
        if (typeof value === 'string') continue;
        expect(Math.abs(value)).toBeLessThanOrEqual(2 ** 64);
        if (of.kind === 'counter' || of.kind === 'gauge' || of.kind === 'limit') expect(value).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 3000 },
  );
});

test('bytes before and after a file are not read', () => {
  assert(
    property(file, oneof(bytes, text), bytes, bytes, (of, input, before, after) => {
      const body = Buffer.from(before + input + after, 'latin1');
      const readings = new Map<string, ReadingValue>();
      parserOf(of, { below })(body, before.length, before.length + input.length, (part, value) => readings.set(part, value));
      expect(readings).toEqual(parsed(of, input));
    }),
    { numRuns: 2000 },
  );
});

test('a parser that read another group’s file reads the next like a new one', () => {
  assert(
    property(file, text, text, (of, first, second) => {
      const parse = parserOf(of, { below });
      const readings = new Map<string, ReadingValue>();
      for (const input of [first, second]) {
        const body = Buffer.from(input, 'latin1');
        readings.clear();
        parse(body, 0, body.length, (part, value) => readings.set(part, value));
      }
      expect(readings).toEqual(parsed(of, second));
    }),
    { numRuns: 2000 },
  );
});

test('of keyed lines cut at any byte, whole lines keep their values and no key is invented', () => {
  const flat = controlFiles.filter(({ format, keys }) => format === 'flat-keyed' && keys === undefined);
  const lines = array(tuple(string({ unit: constantFrom(...'abc_'), minLength: 1 }), nat()), { maxLength: 10 });
  assert(
    property(constantFrom(...flat), lines, nat(), (of, pairs, at) => {
      const unique = [...new Map(pairs)];
      const whole = unique.map(([key, value]) => `${key} ${value}\n`).join('');
      const cut = whole.slice(0, at % (whole.length + 1));
      const complete = new Map(unique.slice(0, cut.split('\n').length - 1));
      const readings = parsed(of, cut);
      for (const [key, value] of complete) expect(readings.get(key)).toBe(value);
      expect(readings.size).toBeLessThanOrEqual(complete.size + 1);
      for (const key of readings.keys()) expect(unique.map(([name]) => name)).toContain(key);
    }),
    { numRuns: 1000 },
  );
});

/** Files whose readings come from words and pairs, each with what the kernel writes of some lines. */
const byLines: readonly [string, 1 | 2, (lines: readonly (readonly [number, number])[]) => string][] = [
  [
    'memory.pressure',
    2,
    (lines) => lines.map(([a, b], i) => `${['some', 'full'][i] ?? `x${i}`} avg10=${a}.00 avg60=${b}.50 avg300=0.00 total=${b}\n`).join(''),
  ],
  [
    'blkio.throttle.io_serviced',
    1,
    (lines) => lines.map(([a, b], i) => `8:${i} Read ${a}\n8:${i} Write ${b}\n8:${i} Total ${a + b}\n`).join(''),
  ],
  ['cpu.max', 2, ([[quota, period] = [1, 1]]) => `${quota % 2 ? 'max' : quota} ${period}\n`],
  ['io.stat', 2, (lines) => lines.map(([a, b], i) => `8:${i} rbytes=${a} wbytes=${b}\n`).join('')],
];

test.each(byLines)('%s cut at any byte: the lines before the cut keep their values, and no key is invented', (name, version, textOf) => {
  const of = findControlFile(name, version);
  if (!of) throw new Error(`no ${name}`);
  assert(
    property(array(tuple(nat(), nat()), { maxLength: 6 }), nat(), (lines, at) => {
      const whole = textOf(lines);
      const cut = whole.slice(0, at % (whole.length + 1));
      const all = parsed(of, whole, { all: true });
      const complete = parsed(of, cut.slice(0, cut.lastIndexOf('\n') + 1), { all: true });
      const readings = parsed(of, cut, { all: true });
      for (const [key, value] of readings) {
        expect([...all.keys()]).toContain(key);
        // A number that is cut is smaller; a sum over disks has fewer of them.
        if (typeof value === 'number') expect(value).toBeLessThanOrEqual(Number(all.get(key)));
        else expect(value).toBe(all.get(key));
      }
      for (const [key, value] of complete)
        if (key.includes(':') || typeof value === 'string' || of.format === 'nested-keyed') expect(readings.get(key)).toBe(value);
        else expect(Number(readings.get(key))).toBeGreaterThanOrEqual(Number(value));
    }),
    { numRuns: 500 },
  );
});

test('ten MiB of anything are read', () => {
  const lines = '8:0 rbytes=1 wbytes=2\n8:0 Read 1\nanon 4096\n1 2 3 \n\u00ff\nsome avg10=0.00 total=1\n'.repeat(100);
  const inputs = [lines, '9'].map((part) => Buffer.from(part.repeat((10 * 1024 * 1024) / part.length), 'latin1'));
  for (const of of new Map(controlFiles.map((one) => [one.format, one])).values())
    for (const input of inputs) parserOf(of, { below })(input, 0, input.length, () => {});
}, 120_000);
