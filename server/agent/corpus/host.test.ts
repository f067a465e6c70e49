// /proc/meminfo and /proc/stat of many kernels and containers: the readings of the machine, and its memory usage.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { memoryUsage } from '../../contract/derive.ts';
import { readCorpus } from '../fixtures/corpus.ts';
import { parseMeminfo, parseStat } from '../observe/sample/host-sample.ts';

const cases = readCorpus('host', {
  expect: z.record(z.string(), z.number()),
  /** Of the whole machine; null where it is not known. */
  usage: z.number().nullable().default(null),
});

test.each(cases)('$name: $facts.machine', ({ facts, inputs }) => {
  const readings = Object.fromEntries([...parseMeminfo(inputs.get('meminfo') ?? ''), ...parseStat(inputs.get('stat') ?? '')]);
  expect(readings).toEqual(facts.expect);
  expect(memoryUsage(readings) ?? null).toBe(facts.usage);
});
