// The safety net under inotify: everything is looked at each minute and after lost notices, and by turns what cannot be watched.
import type { GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { Hierarchy } from '../kernel/hierarchy/mounts.ts';
import type { Sampler } from './sample/sampler.ts';
import type { TreeWatch } from './watch/tree-watch.ts';

const SCAN_EVERY_MS = 60_000;
/** Unwatched directories that one tick looks at. */
const UNWATCHED_PER_TICK = 200;

export interface RescanParts {
  readonly layout: Layout;
  readonly tree: GroupTree;
  readonly sampler: Sampler;
  readonly treeWatch: TreeWatch;
}

export class Rescan {
  readonly #parts: RescanParts;
  #away: ReadonlySet<Hierarchy> = new Set();
  #scannedMs = performance.now();
  #scanning: Promise<void> | undefined;
  /** Notices were lost while a scan was running, behind its back. */
  #again = false;

  constructor(parts: RescanParts) {
    this.#parts = parts;
  }

  /** At each tick. A scan goes on beside the ticks. */
  tick(): void {
    if (performance.now() - this.#scannedMs > SCAN_EVERY_MS || this.#isMountedAnew()) this.scan();
    const { tree, sampler, treeWatch } = this.#parts;
    for (const { hierarchy, group, dir } of treeWatch.nextUnwatched(UNWATCHED_PER_TICK)) {
      tree.check(hierarchy, group);
      sampler.touchedIn(tree.get(group)?.gid, dir);
    }
  }

  /** Notices were lost, or it is time: looks at everything, and reads everything again that is read only when it was written. */
  scan(): void {
    if (this.#scanning) this.#again = true;
    else this.#scanning = this.#scan();
  }

  /** @returns once the scan that may be running has ended */
  async stop(): Promise<void> {
    await this.#scanning;
  }

  async #scan(): Promise<void> {
    do {
      this.#again = false;
      this.#scannedMs = performance.now();
      await this.#parts.tree.scan();
      this.#parts.sampler.touchAll();
    } while (this.#again);
    this.#scanning = undefined;
  }

  /** Nobody has reported what happened in a hierarchy that was unmounted meanwhile. */
  #isMountedAnew(): boolean {
    const { layout } = this.#parts;
    const away = new Set(layout.hierarchies.filter((hierarchy) => !layout.isMounted(hierarchy)));
    const anew = [...this.#away].some((hierarchy) => !away.has(hierarchy));
    this.#away = away;
    return anew;
  }
}
