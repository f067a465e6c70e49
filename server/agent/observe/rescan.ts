// The safety net under inotify: reads all directories each minute and after lost notices, and unwatched ones in turn.
import type { GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { Hierarchy } from '../kernel/hierarchy/mounts.ts';
import type { Source, Sources } from '../kernel/sources.ts';
import type { Sampler } from './sample/sampler.ts';
import { watchMounts } from './watch/mount-watch.ts';
import type { TreeWatch } from './watch/tree-watch.ts';

const SCAN_EVERY_MS = 60_000;
/** Unwatched directories that one tick reads. */
const UNWATCHED_PER_TICK = 200;

export interface RescanParts {
  readonly layout: Layout;
  readonly tree: GroupTree;
  readonly sampler: Sampler;
  readonly treeWatch: TreeWatch;
}

export class Rescan {
  readonly #parts: RescanParts;
  #unmounted: ReadonlySet<Hierarchy> = new Set();
  #scannedMs = performance.now();
  #scanning: Promise<void> | undefined;
  /** Notices were lost during a scan, which may have missed the changes. */
  #again = false;
  #mounts: Source | undefined;

  constructor(parts: RescanParts) {
    this.#parts = parts;
  }

  /** Called at each tick; scans run beside the ticks. */
  tick(): void {
    if (performance.now() - this.#scannedMs > SCAN_EVERY_MS || this.#isRemounted()) this.scan();
    const { tree, sampler, treeWatch } = this.#parts;
    for (const { hierarchy, group, dir } of treeWatch.nextUnwatched(UNWATCHED_PER_TICK)) {
      tree.check(hierarchy, group);
      sampler.touchedIn(tree.get(group)?.gid, dir);
    }
  }

  /** Follows what is mounted over groups and unmounted again. Call it before the first scan. */
  start(sources: Sources): void {
    const { layout } = this.#parts;
    this.#mounts = watchMounts(sources, () => {
      if (layout.readCovers()) this.scan();
    });
    layout.readCovers();
  }

  /** Reads all directories, and all files that are read only after a write. */
  scan(): void {
    if (this.#scanning) this.#again = true;
    else this.#scanning = this.#scan();
  }

  /** @returns once a running scan has ended */
  async stop(): Promise<void> {
    this.#mounts?.close();
    await this.#scanning;
  }

  async #scan(): Promise<void> {
    do {
      this.#again = false;
      this.#scannedMs = performance.now();
      this.#parts.layout.readCovers();
      await this.#parts.tree.scan();
      this.#parts.sampler.touchAll();
    } while (this.#again);
    this.#scanning = undefined;
  }

  /** Changes in a hierarchy that was unmounted meanwhile were not reported. */
  #isRemounted(): boolean {
    const { layout } = this.#parts;
    const unmounted = new Set(layout.hierarchies.filter((hierarchy) => !layout.isMounted(hierarchy)));
    const remounted = [...this.#unmounted].some((hierarchy) => !unmounted.has(hierarchy));
    this.#unmounted = unmounted;
    return remounted;
  }
}
