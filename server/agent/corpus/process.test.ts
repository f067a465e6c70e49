// /proc/<pid>/status and stat of many kernels: what is shown of a process.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readCorpus } from '../fixtures/corpus.ts';
import { parseProcess } from '../kernel/files/process-files.ts';

const cases = readCorpus('process', {
  pid: z.number(),
  /** null: nothing is shown, as of a process that has ended. */
  expect: z.record(z.string(), z.unknown()).nullable(),
});

test.each(cases)('$name: $facts.machine', ({ facts, inputs }) => {
  const text = (name: string) => Buffer.from(inputs.get(name) ?? '', 'latin1').toString('utf8');
  expect(parseProcess(facts.pid, text('status'), text('stat')) ?? null).toEqual(facts.expect);
});
