// The mount tables of many machines and containers: which hierarchies are found in them, and where cgdeck's own group is.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ownGroup } from '../../supervisor/own-group.ts';
import { readCorpus } from '../fixtures/corpus.ts';
import { pathOf } from '../kernel/hierarchy/disk-path.ts';
import { parseMountinfo } from '../kernel/hierarchy/mounts.ts';

const cases = readCorpus('mountinfo', {
  expect: z.array(
    z.strictObject({
      mountPoint: z.string(),
      version: z.literal([1, 2]),
      controllers: z.array(z.string()),
      part: z.string().optional(),
      noPrefix: z.literal(true).optional(),
    }),
  ),
  /** With the input "cgroup", a /proc/self/cgroup of that machine: the own group on v2, null where no mount shows it. */
  own: z.strictObject({ path: z.string(), dir: z.string() }).nullable().optional(),
});

test.each(cases)('$name: $facts.machine', ({ facts, input, inputs }) => {
  expect(parseMountinfo(pathOf(input))).toEqual(facts.expect);
  const cgroup = inputs.get('cgroup');
  if (cgroup !== undefined) expect(ownGroup(cgroup, input) ?? null).toEqual(facts.own);
});
