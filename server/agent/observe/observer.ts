// Puts the reading of the groups together: the tree and its watches, the tick, and what comes out: frames and events.
import { raiseDescriptors } from '../../../native/libc/process.ts';
import type { Change, GroupEntry } from '../../contract/frame.ts';
import type { Readings } from '../../contract/readings.ts';
import { type Group, GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { GroupBook } from '../state/group-book.ts';
import { GroupEntries } from './group-entries.ts';
import { GroupWatches, type GroupWatchesOptions } from './group-watches.ts';
import { reportMissed } from './missed.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';
import { Rescan } from './rescan.ts';
import type { HistoryQuery, Series } from './sample/history.ts';
import { HostSample } from './sample/host-sample.ts';
import { Sampler } from './sample/sampler.ts';
import { Ticker } from './sample/ticker.ts';
import { type Traffic, TrafficSample } from './sample/traffic-sample.ts';
import { TreeWatch } from './watch/tree-watch.ts';

/** 30 descriptors a group, for some thousand groups. */
const WANTED_DESCRIPTORS = 200_000;

export interface ObserverOptions extends GroupWatchesOptions, Pick<PublisherOptions, 'host' | 'epoch' | 'frame'> {
  readonly intervalMs: number;
  readonly book: GroupBook;
  /** Who made or removed a group through us, so that the event says so. */
  readonly actorOf: (what: 'create' | 'remove', group: string) => string | undefined;
  readonly removed: (group: string) => void;
  /** Of each group with a routed network. */
  readonly traffic: () => ReadonlyMap<string, Traffic>;
}

export class Observer {
  readonly tree: GroupTree;
  readonly #options: ObserverOptions;
  readonly #entries: GroupEntries;
  readonly #publisher: Publisher;
  readonly #sampler: Sampler;
  readonly #host = new HostSample();
  readonly #traffic = new TrafficSample();
  readonly #treeWatch: TreeWatch;
  readonly #watches: GroupWatches;
  readonly #rescan: Rescan;
  readonly #ticker: Ticker;
  #started = false;

  constructor(options: ObserverOptions) {
    this.#options = options;
    const { layout, reach, sources } = options;
    this.#entries = new GroupEntries(layout, reach);
    this.#publisher = new Publisher({ ...options, entryOf: (group) => this.#entries.of(group) });
    const { groups } = this.#publisher.mirror;
    this.#sampler = new Sampler(layout, raiseDescriptors(WANTED_DESCRIPTORS), (gid) => groups.get(gid)?.readings);
    this.#watches = new GroupWatches(options);
    this.#treeWatch = new TreeWatch(sources);
    this.tree = new GroupTree(layout, this.#treeWatch, {
      added: (group) => this.#added(group),
      changed: (group) => this.#changed(group),
      removed: (group) => this.#removed(group),
    });
    this.#rescan = new Rescan({ layout, tree: this.tree, sampler: this.#sampler, treeWatch: this.#treeWatch });
    this.#ticker = new Ticker(options.intervalMs, () => this.#tick());
  }

  /** Finds the groups, reports what came and went since the book was last written, and starts to tick. */
  start(): void {
    this.#treeWatch.start({
      appeared: (hierarchy, path) => this.tree.appeared(hierarchy, path),
      gone: (hierarchy, path) => this.tree.gone(hierarchy, path),
      written: (_, group, file) => this.written(group, file),
      lost: () => this.#rescan.scan(),
    });
    this.tree.scanNow();
    reportMissed(this.tree, this.#options);
    this.#started = true;
    this.#ticker.start();
  }

  /** @returns once the tick that may be running has reported what it saw */
  async stop(): Promise<void> {
    await this.#ticker.stop();
    await this.#rescan.stop();
  }

  /** Closes everything that is kept open; after `stop`, when nothing is read any more. */
  close(): void {
    this.#treeWatch.close();
    this.#host.close();
    for (const group of this.tree.all()) {
      this.#sampler.remove(group);
      this.#watches.remove(group.path);
    }
  }

  /** The last state as one full frame, for a link that begins. */
  fullFrame(): Uint8Array | undefined {
    return this.#publisher.fullFrame();
  }

  history(gid: number, query: HistoryQuery): Series[] {
    return this.#publisher.history(gid, query);
  }

  /** A group as the last tick read it, or as it is now: where `fresh` is asked for, and where no tick has read it yet. */
  view(group: Group, fresh: boolean): { entry: GroupEntry; readings: Readings } {
    const known = this.#publisher.mirror.groups.get(group.gid);
    if (known && !fresh) return { entry: { ...known.entry, self: this.#entries.isSelf(group.path) }, readings: { ...known.readings } };
    return { entry: this.#entries.of(group), readings: this.#sampler.readNow(group) };
  }

  /** The readings of a group by its path, as the last tick left them. */
  readings(path: string): Readings | undefined {
    return this.#publisher.mirror.byPath(path)?.readings;
  }

  /** What is not noticed at once on this machine, a sentence each. */
  missing(): string[] {
    return this.#treeWatch.missing();
  }

  /** A control file was written, by us or by others: it is read at the next tick. */
  written(path: string, file: string): void {
    const group = this.tree.get(path);
    if (!group) return;
    this.#sampler.touched(group.gid, file);
    // Files of the groups below have come or gone.
    if (file === 'cgroup.subtree_control') for (const below of this.tree.below(path)) this.#changed(below);
  }

  /** Says anew which groups hold a process of ours: one of them has changed. */
  ownProcessesChanged(): void {
    this.#entries.ownProcessesChanged();
    for (const group of this.tree.all()) this.#publisher.entered(group);
  }

  #added(group: Group): void {
    this.#publisher.entered(group);
    // Watched before anybody hears of it: it may be out of memory a moment later.
    this.#watches.update(group);
    this.#sampler.changed(group);
    if (!this.#started) return;
    this.#options.reporter.groupMade(group.path);
    this.#report('create', group.path);
    this.#options.book.added(group.path, group.inode);
  }

  #changed(group: Group): void {
    this.#publisher.entered(group);
    this.#sampler.changed(group);
    this.#watches.update(group);
  }

  #removed(group: Group): void {
    const { reporter, book, removed } = this.#options;
    this.#publisher.removed(group);
    this.#sampler.remove(group);
    this.#watches.remove(group.path);
    this.#traffic.forget(group.path);
    reporter.groupRemoved(group.path);
    if (this.#started) book.removed(group.path);
    this.#report('remove', group.path);
    removed(group.path);
  }

  #report(kind: 'create' | 'remove', group: string): void {
    const by = this.#options.actorOf(kind, group);
    this.#options.reporter.report({ kind, group, time: Date.now(), ...(by === undefined ? {} : { by }) });
  }

  async #tick(): Promise<void> {
    const started = performance.now();
    this.#rescan.tick();
    const changes: Change[] = await this.#sampler.read();
    const root = this.tree.get('/');
    if (root) this.#host.read((key, value) => changes.push([root.gid, key, value]));
    this.#traffic.read(this.#options.traffic(), (path, key, value) => {
      const group = this.tree.get(path);
      if (group) changes.push([group.gid, key, value]);
    });
    const { intervalMs } = this.#options;
    this.#publisher.publish(changes, { intervalMs, durationMs: performance.now() - started, late: this.#ticker.late });
  }
}
