// The mount tables of many machines and containers: which hierarchies are found in them, and where cgdeck's own group is.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { visibleMounts } from '../../mountinfo.ts';
import { ownGroup } from '../../supervisor/own-group.ts';
import { readCorpus } from '../fixtures/corpus.ts';
import { pathOf } from '../kernel/hierarchy/disk-path.ts';
import { coveredGroups, parseMountinfo } from '../kernel/hierarchy/mounts.ts';

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
  /** Groups over which something else is mounted, by the hierarchy's mount point. */
  covered: z.record(z.string(), z.array(z.string())).default({}),
  /** With the input "cgroup", a /proc/self/cgroup of that machine: the own group on v2, null where no mount shows it. */
  own: z.strictObject({ path: z.string(), dir: z.string() }).nullable().optional(),
});

test.each(cases)('$name: $facts.machine', ({ facts, input, inputs }) => {
  const hierarchies = parseMountinfo(pathOf(input));
  expect(hierarchies).toEqual(facts.expect);
  const mounts = visibleMounts(pathOf(input));
  const covered = hierarchies.map((hierarchy) => [hierarchy.mountPoint, [...coveredGroups(hierarchy, mounts).keys()]] as const);
  expect(Object.fromEntries(covered.filter(([, groups]) => groups.length > 0))).toEqual(facts.covered);
  const cgroup = inputs.get('cgroup');
  if (cgroup !== undefined) expect(ownGroup(cgroup, input) ?? null).toEqual(facts.own);
});
