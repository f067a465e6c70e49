// Any disks in any layers are summed to the most that disks counted of which none lies on another: so the sum never falls, whatever appears.
import { array, assert, integer, nat, property } from 'fast-check';
import { expect, test } from 'vitest';
import { DiskSums } from './disk-sums.ts';

const DISKS = 6;
const disks = Array.from({ length: DISKS }, (_, index) => index);
const layers = array(array(nat(DISKS - 1), { maxLength: 3 }), { minLength: DISKS, maxLength: DISKS });

/** The disks below each, over all layers; where there are no loops, those of a disk have lower numbers. */
function belowAll(direct: readonly (readonly number[])[]): ReadonlySet<number>[] {
  const found = direct.map((lower) => new Set(lower));
  for (const _ of disks) for (const all of found) for (const one of [...all]) for (const lower of found[one] ?? []) all.add(lower);
  return found;
}

function sumOf(counts: readonly number[], below: readonly ReadonlySet<number>[]): number | undefined {
  const sums = new DiskSums((disk) => [...(below[Number(disk)] ?? [])].map(String), []);
  counts.forEach((count, disk) => {
    sums.add(String(disk), 'bytes', count);
  });
  return new Map(sums.totals()).get('bytes');
}

test('the sum is the most of disks of which none lies on another', () => {
  assert(
    property(array(integer({ min: 0, max: 2 ** 40 }), { minLength: DISKS, maxLength: DISKS }), layers, (counts, any) => {
      const below = belowAll(any.map((lower, disk) => lower.filter((one) => one < disk)));
      let most = 0;
      for (let set = 0; set < 2 ** DISKS; set++) {
        const chosen = disks.filter((disk) => (set >> disk) & 1);
        if (chosen.some((disk) => chosen.some((other) => below[disk]?.has(other)))) continue;
        most = Math.max(
          most,
          chosen.reduce((sum, disk) => sum + (counts[disk] ?? 0), 0),
        );
      }
      expect(sumOf(counts, below)).toBe(most);
    }),
    { numRuns: 2000 },
  );
});

test('layers in a circle, and counts of any size, end', () => {
  assert(
    property(array(integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), { minLength: DISKS, maxLength: DISKS }), layers, (counts, any) => {
      const sum =
        sumOf(
          counts.map((count) => count * 2048),
          belowAll(any),
        ) ?? 0;
      expect(sum).toBeGreaterThanOrEqual(Math.max(...counts) * 2048 * (1 - Number.EPSILON * DISKS));
    }),
  );
});

test('two hundred loop devices over one disk are summed at once', () => {
  const counts = Array.from({ length: 201 }, (_, disk) => (disk === 0 ? 5000 : disk));
  expect(
    sumOf(
      counts,
      counts.map((_, disk) => new Set(disk === 0 ? [] : [0])),
    ),
  ).toBe(200 * 100.5);
});
