// /proc/<pid>/cgroup of many kernels and containers: in which group of each hierarchy a process is.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readCorpus } from '../fixtures/corpus.ts';
import { parseProcessGroups } from '../kernel/hierarchy/process-groups.ts';

const paths = z.record(z.string(), z.string());
const cases = readCorpus('process-groups', {
  expect: paths,
  /** The process is a zombie. */
  ended: z.boolean().default(false),
  /** The groups that are mounted as the root, by hierarchy. */
  parts: paths.default({}),
});

test.each(cases)('$name: $facts.machine', ({ facts, input }) => {
  const groups = parseProcessGroups(input, () => facts.ended, new Map(Object.entries(facts.parts)));
  expect(Object.fromEntries(groups)).toEqual(facts.expect);
});
