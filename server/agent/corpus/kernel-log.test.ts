// The kernel's log as many kernels and machines write it: which kills are found in it.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readCorpus } from '../fixtures/corpus.ts';
import { recordsOf } from '../fixtures/kernel-records.ts';
import { OomLines } from '../observe/watch/oom-lines.ts';

const cases = readCorpus('kernel-log', {
  /** Those that exist, beside those above them. */
  groups: z.array(z.string()),
  expect: z.array(z.record(z.string(), z.unknown())),
});

test.each(cases)('$name: $facts.machine', ({ facts, input }) => {
  const known = new Set([
    '/',
    ...facts.groups.flatMap((path) => path.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/') || '/')),
  ]);
  const parser = new OomLines({
    has: (path) => known.has(path),
    isLeaf: (path) => ![...known].some((other) => other.startsWith(`${path}/`)),
  });
  const kills = recordsOf(input).flatMap((record) => parser.take(record) ?? []);
  expect(kills.map(({ sequence: _, timeUsec: __, header: ___, ...kill }) => kill)).toEqual(facts.expect);
});
