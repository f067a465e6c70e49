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
   * Each key's sum over the disks that do the work. Of a stack, the layer that counted more: what a thread of the kernel does below for the
   * group (md's parity, write-back of a loop device's file) is charged to the root group, and a layer's cache saves the disk below work.
   */
  *totals(): Iterable<[key: string, sum: number]> {
    const { single, stacks } = this.#sorted();
    for (const key of this.#keys) {
      const sum = (disks: Iterable<string>) => {
        let total = 0;
        for (const disk of disks) total += this.#counts.get(disk)?.get(key) ?? 0;
        return total;
      };
      yield [key, stacks.reduce((total, { top, bottom }) => total + Math.max(sum(top), sum(bottom)), sum(single))];
    }
  }

  /** Disks with no other of these below or above, and the stacks of the rest. */
  #sorted(): { single: string[]; stacks: { top: string[]; bottom: string[] }[] } {
    const below = new Map<string, string[]>();
    for (const disk of this.#counts.keys()) {
      const lower = this.#below(disk).filter((other) => other !== disk && this.#counts.has(other));
      if (lower.length > 0) below.set(disk, lower);
    }
    const lower = new Set([...below.values()].flat());
    let stacks: Set<string>[] = [];
    for (const [disk, others] of below) {
      const stack = new Set([disk, ...others]);
      const joined = stacks.filter((other) => [...other].some((one) => stack.has(one)));
      for (const other of joined) for (const one of other) stack.add(one);
      stacks = [...stacks.filter((other) => !joined.includes(other)), stack];
    }
    return {
      single: [...this.#counts.keys()].filter((disk) => !below.has(disk) && !lower.has(disk)),
      stacks: stacks.map((disks) => ({
        top: [...disks].filter((disk) => !lower.has(disk)),
        bottom: [...disks].filter((disk) => !below.has(disk)),
      })),
    };
  }
}
