// What the kernel's log says of OOM kills, as many kernels write it: which lines belong to a kill, and what is read from them.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { KernelBlock } from '../../contract/reports.ts';
import { readCorpus } from '../fixtures/corpus.ts';
import { recordsOf } from '../fixtures/kernel-records.ts';
import { parseOomBlock } from '../observe/reports/oom-block.ts';
import { OomBlocks } from '../observe/watch/oom-blocks.ts';
import { OomLines } from '../observe/watch/oom-lines.ts';

const PAGE_BYTES = 4096;

const cases = readCorpus('oom-block', {
  /** How many records came before some were overwritten. */
  lostAfter: z.number().optional(),
  /** Of the kernel's long, where it is not 64. */
  longBits: z.literal(32).optional(),
  /** For each kill: how many lines its block has, and some of what is read from it; null where it has none. */
  expect: z.array(
    z
      .object({ pid: z.number(), lines: z.number(), block: z.record(z.string(), z.unknown()) })
      .or(z.object({ pid: z.number(), block: z.null() })),
  ),
});

test.each(cases)('$name: $facts.machine', ({ facts, input }) => {
  const blocks = new OomBlocks();
  const lines = new OomLines({ has: () => true, isLeaf: () => true });
  const lostAfter = facts.lostAfter ?? Number.POSITIVE_INFINITY;
  for (const [at, record] of recordsOf(input).entries()) blocks.take(record, at >= lostAfter ? 1 : 0, lines.take(record));
  for (const expected of facts.expect) {
    const raw = blocks.of(expected.pid);
    if (expected.block === null) {
      expect(raw, `${expected.pid}`).toBeUndefined();
      continue;
    }
    if (!raw) throw new Error(`no block of ${expected.pid}`);
    const block = parseOomBlock(raw, PAGE_BYTES, facts.longBits ?? 64);
    expect(block).toMatchObject(expected.block);
    expect(block.lines).toHaveLength(expected.lines);
    expect(KernelBlock.parse(block)).toEqual(block);
    // Once.
    expect(blocks.of(expected.pid)).toBeUndefined();
  }
});
