// Every page has the summary of each group, and the deck must need nothing else.
import { expect, test } from 'vitest';
import { controlFiles } from '../../server/contract/control-files.ts';
import { effectiveLimit } from '../../server/contract/derive.ts';
import type { Readings } from '../../server/contract/readings.ts';
import { isInSummary } from '../../server/contract/summary.ts';
import { memoryUsed, swapUsed } from '../frame/host-readings.ts';
import { protectedAbove } from '../group/rail/facts.ts';
import { entry } from '../live/fixtures/frames.ts';
import { advance, pushSpark, Spark } from '../live/group-live.ts';
import { Troubles } from '../live/trouble.ts';
import { measure } from './measures.ts';

/** Readings that note which of them are asked for; none of the keys of the other version. */
function noting(version: 1 | 2, asked: Set<string>): Readings {
  const own = new Set(controlFiles.filter((file) => file.version === version).map(({ name }) => name));
  return new Proxy<Readings>(
    {},
    {
      get: (_, key) => {
        asked.add(String(key));
        const isOwn = own.has(String(key).split(':', 1)[0] ?? '');
        return isOwn || String(key).startsWith('meminfo:') ? 4096 : undefined;
      },
    },
  );
}

test.each([1, 2] as const)('of the groups of v%i that a page does not show, it reads what is in the summary', (version) => {
  const asked = new Set<string>();
  const readings = noting(version, asked);
  const before = advance(undefined, entry(1, '/a/b'), readings, { monoMs: 1000, timeMs: 1000 });
  const live = advance(before, entry(1, '/a/b'), readings, { monoMs: 2000, timeMs: 2000, beforeMonoMs: 1000 });
  const readingsOf = () => readings;
  const spark = new Spark();
  pushSpark(spark, live);
  measure(live, { readingsOf, spark, growthOf: () => 1, trouble: new Troubles().of('/a/b'), hold: undefined, nowMs: 0 });
  protectedAbove('/a/b', readingsOf, true);
  for (const limit of ['memory.limit_in_bytes', 'memory.max']) effectiveLimit('/a/b', limit, readingsOf);
  memoryUsed(readings);
  swapUsed(readings);
  expect(asked.size).toBeGreaterThan(20);
  expect([...asked].filter((key) => !isInSummary(key))).toEqual([]);
});
