// Sums what a group read and wrote over all disks. A disk in layers (LUKS, LVM, md, drbd, loop) has a line for each layer, and is counted once.

/** The disks that a disk lies on, over all layers, as "major:minor"; none for one that does its own work. */
export type DisksBelow = (disk: string) => readonly string[];

const DISK = /^\d+:\d+$/;

export function isDisk(text: string): boolean {
  return DISK.test(text);
}

export class DiskSums {
  readonly #below: DisksBelow;
  readonly #keys: Set<string>;
  readonly #counts = new Map<string, Map<string, number>>();

  /** @param keys those that are 0 where no disk has them */
  constructor(below: DisksBelow, keys: Iterable<string>) {
    this.#below = below;
    this.#keys = new Set(keys);
  }

  add(disk: string, key: string, count: number): void {
    const counts = this.#counts.get(disk) ?? new Map<string, number>();
    this.#counts.set(disk, counts);
    counts.set(key, (counts.get(key) ?? 0) + count);
    this.#keys.add(key);
  }

  /**
   * Each key's sum over the disks that do the work: the most that disks counted of which none lies on another. Where a layer has less than the
   * one above, the rest was done for the group by a thread of the kernel, which counts as the root group's (md's parity, dm-crypt's writes,
   * write-back of a loop device's file), or a cache saved it. A most never falls while counters grow and layers appear.
   */
  *totals(): Iterable<[key: string, sum: number]> {
    const lower = this.#lower();
    for (const key of this.#keys) {
      const counts = new Map<string, number>();
      let sum = 0;
      for (const [disk, ofDisk] of this.#counts) {
        const count = ofDisk.get(key) ?? 0;
        sum += count;
        if (count > 0) counts.set(disk, count);
      }
      yield [key, lower.size === 0 ? sum : sum - passedOn(counts, lower)];
    }
  }

  /** The disks of these that each lies on. Two that are said to lie on each other are taken as apart. */
  #lower(): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, readonly string[]>();
    for (const disk of this.#counts.keys()) {
      const lower = this.#below(disk).filter((other) => other !== disk && this.#counts.has(other) && !this.#below(other).includes(disk));
      if (lower.length > 0) found.set(disk, lower);
    }
    return found;
  }
}

/**
 * How much of the counts is that of a disk above, counted once more: the greatest flow from disks to those that they lie on, in which each disk
 * passes on, and takes from above, no more than it counted (Dilworth's theorem for weights: what is left is the most that disks of which
 * none lies on another have together). Along shortest paths, so that it ends soon for any counts.
 */
function passedOn(counts: ReadonlyMap<string, number>, lower: ReadonlyMap<string, readonly string[]>): number {
  const toPass = new Map([...counts].filter(([disk]) => lower.has(disk)));
  const toTake = new Map(counts);
  /** By the disk that takes, and the one above that passes on. */
  const passed = new Map<string, Map<string, number>>();
  let total = 0;
  for (;;) {
    const path = nextPath(toPass, toTake, passed, lower);
    const [first, last] = [path[0], path.at(-1)];
    if (!first || !last) return total;
    const undone = path.slice(1).map(({ upper }, index) => passed.get(path[index]?.taker ?? '')?.get(upper) ?? 0);
    const amount = Math.min(toPass.get(first.upper) ?? 0, toTake.get(last.taker) ?? 0, ...undone);
    total += amount;
    toPass.set(first.upper, (toPass.get(first.upper) ?? 0) - amount);
    toTake.set(last.taker, (toTake.get(last.taker) ?? 0) - amount);
    path.forEach(({ upper, taker }, index) => {
      const from = passed.get(taker) ?? new Map<string, number>();
      passed.set(taker, from.set(upper, (from.get(upper) ?? 0) + amount));
      const next = path[index + 1]?.upper;
      if (next !== undefined) from.set(next, (from.get(next) ?? 0) - amount);
    });
  }
}

interface Step {
  readonly upper: string;
  readonly taker: string;
  readonly before: Step | undefined;
}

/** From a disk with something left to pass on to one that can take it, over disks that pass on to another instead; empty if there is none. */
function nextPath(
  toPass: ReadonlyMap<string, number>,
  toTake: ReadonlyMap<string, number>,
  passed: ReadonlyMap<string, ReadonlyMap<string, number>>,
  lower: ReadonlyMap<string, readonly string[]>,
): readonly Step[] {
  const uppers: { readonly upper: string; readonly before: Step | undefined }[] = [];
  for (const [upper, left] of toPass) if (left > 0) uppers.push({ upper, before: undefined });
  const seen = new Set(uppers.map(({ upper }) => upper));
  const takers = new Set<string>();
  // It grows while it is walked.
  for (const { upper, before } of uppers) {
    for (const taker of lower.get(upper) ?? []) {
      if (takers.has(taker)) continue;
      takers.add(taker);
      const step = { upper, taker, before };
      if ((toTake.get(taker) ?? 0) > 0) return stepsTo(step);
      for (const [other, amount] of passed.get(taker) ?? []) {
        if (amount <= 0 || seen.has(other)) continue;
        seen.add(other);
        uppers.push({ upper: other, before: step });
      }
    }
  }
  return [];
}

function stepsTo(last: Step): readonly Step[] {
  const steps: Step[] = [];
  for (let step: Step | undefined = last; step; step = step.before) steps.unshift(step);
  return steps;
}
