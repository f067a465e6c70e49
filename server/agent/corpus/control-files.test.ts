// Control files as many kernels and machines write them: which readings are found in them.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { findControlFile } from '../../contract/control-files.ts';
import type { ReadingValue } from '../../contract/readings.ts';
import { readCorpus } from '../fixtures/corpus.ts';
import { type ParseOptions, parserOf } from '../kernel/files/parse.ts';

const Readings = z.record(z.string(), z.union([z.number(), z.string()]));

const cases = readCorpus('control-files', {
  file: z.string(),
  version: z.union([z.literal(1), z.literal(2)]),
  /** The disks that each disk lies on, over all layers. */
  below: z.record(z.string(), z.array(z.string())),
  /** Of the kernel's long, where it is not 64. */
  longBits: z.literal(32).optional(),
  /** What the tick reads, by the key in the file. */
  expect: Readings,
  /** Some of what is read when the file is asked for as a whole. */
  all: Readings.optional(),
});

test.each(cases)('$name: $facts.machine', ({ facts, input }) => {
  const file = findControlFile(facts.file, facts.version);
  if (!file) throw new Error(`no ${facts.file} of v${facts.version}`);
  const bytes = Buffer.from(input, 'latin1');
  const parsed = (options: ParseOptions) => {
    const readings: Record<string, ReadingValue> = {};
    const emit = (part: string, value: ReadingValue) => {
      readings[part] = value;
    };
    parserOf(file, { below: (disk) => facts.below[disk] ?? [], longBits: facts.longBits ?? 64, ...options })(bytes, 0, bytes.length, emit);
    return readings;
  };
  expect(parsed({})).toEqual(facts.expect);
  expect(parsed({ all: true })).toMatchObject(facts.all ?? {});
});
