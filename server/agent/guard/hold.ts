// Holds a group before, or at, its limit instead of letting the kernel kill: armed, caught, let go with a higher line; on v1 and v2 by one interface.
import { statSync } from 'node:fs';
import { ProblemError } from '../../contract/problems.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { Hierarchy } from '../kernel/hierarchy/mounts.ts';
import { KeyedQueue } from '../kernel/keyed-queue.ts';
import type { Reach } from '../kernel/reach.ts';
import type { Sources } from '../kernel/sources.ts';
import type { StateFaults } from '../state/state-faults.ts';
import { HeldFiles, roundDown } from './held-files.ts';
import { type HoldRecord, HoldStore } from './hold-record.ts';
import { type Identity, type Lines, newRecord, raised } from './lines.ts';
import type { Caught, Means, MeansOptions } from './means.ts';
import { UnifiedMeans } from './unified-means.ts';
import { V1Means } from './v1-means.ts';

export type Held = Caught & { readonly group: string };

/** What became of a hold that an earlier agent left; `gone`: its group is; `refused`: the kernel did not take everything back, the next start tries again. */
export interface Recovered {
  readonly group: string;
  readonly outcome: 'continued' | 'restored' | 'gone' | 'refused';
  /** Why, where it was refused. */
  readonly sentence?: string;
}

export interface HoldOptions {
  readonly layout: Layout;
  readonly reach: Pick<Reach, 'mayWrite' | 'holdsOurselves'>;
  readonly sources: Sources;
  readonly stateDir: string;
  readonly faults?: StateFaults;
  /** The kernel's boot id. */
  readonly boot: string;
}

export class Hold {
  readonly #options: HoldOptions;
  readonly #store: HoldStore;
  readonly #queue = new KeyedQueue();
  readonly #armed = new Map<string, { record: HoldRecord; readonly means: Means }>();
  readonly #listeners: ((held: Held) => void)[] = [];

  constructor(options: HoldOptions) {
    this.#options = options;
    this.#store = new HoldStore(options.stateDir, options.faults);
  }

  /** Called when a group is caught, and again once all its tasks stand still, where that was later. */
  onHeld(listener: (held: Held) => void): void {
    this.#listeners.push(listener);
  }

  isHeld(group: string): boolean {
    return this.#armed.get(group)?.means.held === true;
  }

  /** @throws ProblemError invalid for lines in the wrong order, conflict for a group that is armed or frozen, busy where the wall would kill */
  arm(group: string, lines: Lines): Promise<void> {
    return this.#queue.take(group, async () => {
      this.#options.reach.mayWrite(group);
      if (this.#armed.has(group)) throw new ProblemError('conflict', `${group} has a line already: disarm it first.`, { file: group });
      const record = await newRecord(this.#files(group), this.#identity(group), lines);
      this.#store.put(record);
      const means = this.#means(record);
      this.#armed.set(group, { record, means });
      try {
        means.watch();
        await means.draw();
      } catch (error) {
        await this.#restore(group, means);
        throw error;
      }
    });
  }

  /**
   * Moves the line up, and the wall with it, and lets the group run on; it is caught again at the new line. What the group had before is
   * what it gets back at the end, but no limit under the one that was given here.
   * @throws ProblemError invalid where the new line is not above the usage: it would be caught at once
   */
  release(group: string, { raiseTo }: { readonly raiseTo: number }): Promise<void> {
    return this.#queue.take(group, async () => {
      const armed = this.#get(group);
      const files = this.#files(group);
      const record = raised(armed.record, roundDown(raiseTo));
      const usage = Number(await files.read(record.version === 1 ? 'memory.usage_in_bytes' : 'memory.current'));
      if (!(record.lineBytes > usage))
        throw new ProblemError('invalid', `${group} uses ${usage} bytes: raise to more than that, or it is held again at once.`, {
          file: group,
          asked: String(raiseTo),
        });
      this.#store.put(record);
      armed.record = record;
      await armed.means.letGo(record);
    });
  }

  /** Puts everything back as it was, and lets the group run, without a line. */
  disarm(group: string): Promise<void> {
    return this.#queue.take(group, () => this.#restore(group, this.#get(group).means));
  }

  /** The group was removed: there is nothing to put back. */
  forget(group: string): void {
    const armed = this.#armed.get(group);
    if (!armed) return;
    armed.means.close();
    this.#armed.delete(group);
    this.#store.drop(group);
  }

  /**
   * What an agent left that ended without a word. Holds that are still wanted go on: a group that is held stays so and is told, one that
   * was armed is armed again. All others are put back as they were.
   */
  async recover(wanted: (group: string) => boolean): Promise<Recovered[]> {
    const recovered: Recovered[] = [];
    for (const record of this.#store.load()) {
      const { group } = record;
      try {
        recovered.push({ group, outcome: await this.#queue.take(group, () => this.#recoverOne(record, wanted(group))) });
      } catch (error) {
        recovered.push({ group, outcome: 'refused', sentence: error instanceof Error ? error.message : String(error) });
      }
    }
    return recovered;
  }

  /** The agent ends on purpose: nobody stays throttled or paused without anybody who watches. */
  async stop(): Promise<void> {
    await Promise.allSettled([...this.#armed.keys()].map((group) => this.disarm(group)));
  }

  /** Lets go of the descriptors, and leaves groups and records as they are: what a crash does. */
  abandon(): void {
    for (const { means } of this.#armed.values()) means.close();
    this.#armed.clear();
  }

  async #recoverOne(record: HoldRecord, wanted: boolean): Promise<Recovered['outcome']> {
    const { group } = record;
    if (record.boot !== this.#options.boot || inodeOf(this.#dir(group)) !== record.inode) {
      this.#store.drop(group);
      return 'gone';
    }
    const means = this.#means(record);
    if (!wanted || this.#options.reach.holdsOurselves(group)) {
      await this.#restore(group, means);
      return 'restored';
    }
    this.#armed.set(group, { record, means });
    means.watch();
    if (!means.held) await means.draw();
    return 'continued';
  }

  async #restore(group: string, means: Means): Promise<void> {
    this.#armed.delete(group);
    try {
      await means.restore();
    } finally {
      means.close();
    }
    // Where the kernel refused, the record stays, and the next start tries again.
    this.#store.drop(group);
  }

  #means(record: HoldRecord): Means {
    const { sources, reach } = this.#options;
    const { group } = record;
    const options: MeansOptions = {
      dir: this.#dir(group),
      files: this.#files(group),
      record,
      mayFreeze: () => !reach.holdsOurselves(group),
      caught: (caught) => {
        for (const listener of this.#listeners) listener({ group, ...caught });
      },
    };
    return record.version === 1 ? new V1Means(sources, options) : new UnifiedMeans(sources, options);
  }

  #get(group: string): { record: HoldRecord; readonly means: Means } {
    const armed = this.#armed.get(group);
    if (!armed) throw new ProblemError('not_found', `${group} has no line to be held at.`, { file: group });
    return armed;
  }

  #identity(group: string): Identity {
    return { group, boot: this.#options.boot, inode: inodeOf(this.#dir(group)), version: this.#hierarchy().version };
  }

  #hierarchy(): Hierarchy {
    const { layout } = this.#options;
    const hierarchy = layout.ofController('memory') ?? layout.unified;
    if (!hierarchy) throw new ProblemError('unsupported', 'No hierarchy with the memory controller is mounted.');
    return hierarchy;
  }

  #dir(group: string): string {
    return this.#options.layout.dir(this.#hierarchy(), group);
  }

  #files(group: string): HeldFiles {
    const { layout } = this.#options;
    return new HeldFiles(group, (name) => layout.filePath(group, name, (hierarchy) => inodeOf(layout.dir(hierarchy, group)) !== 0));
  }
}

/** 0 for a folder that is not there, which no file has. */
function inodeOf(dir: string): number {
  return statSync(dir, { throwIfNoEntry: false })?.ino ?? 0;
}
