// Puts the reading of the groups together: the tree and its watches, the tick, and what comes out: frames and events.
import { raiseDescriptors } from '../../../native/libc/process.ts';
import { fileOfReading, findControlFiles } from '../../contract/control-files.ts';
import { groupState } from '../../contract/derive.ts';
import type { Change, GroupEntry } from '../../contract/frame.ts';
import { keysOf } from '../../contract/quantities.ts';
import type { Readings } from '../../contract/readings.ts';
import { monotonicMs } from '../kernel/clock.ts';
import { readingsOf } from '../kernel/files/parse.ts';
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
import { TrafficSample } from './sample/traffic-sample.ts';
import type { Members } from './watch/members.ts';
import { TreeWatch } from './watch/tree-watch.ts';

/** What the freezer of v1 and of v2 say; cgroup.freeze is only what was asked. */
const FREEZER = new Set(keysOf('freezer-state'));
const FREEZER_FILES = new Set(['freezer.state', 'cgroup.events', 'cgroup.freeze']);
/** Those that are written to freeze or thaw. */
const FREEZE_FILES = new Set(['freezer.state', 'cgroup.freeze']);
/** Tasks stop a moment after they were told to; those that take longer, the tick finds. */
const LOOKS = 20;
const LOOK_AGAIN_MS = 5;
/** 30 descriptors a group, for some thousand groups. */
const WANTED_DESCRIPTORS = 200_000;

/** A control file that was written, and what it says since. */
export interface Written {
  readonly file: string;
  readonly old: string;
  readonly asked: string;
  readonly new: string;
}

export interface ObserverOptions extends GroupWatchesOptions, Pick<PublisherOptions, 'host' | 'epoch'> {
  readonly intervalMs: number;
  readonly book: GroupBook;
  readonly members: Members;
}

export class Observer {
  readonly tree: GroupTree;
  readonly #options: ObserverOptions;
  readonly #entries: GroupEntries;
  readonly #publisher: Publisher;
  readonly #sampler: Sampler;
  readonly #host = new HostSample();
  readonly traffic = new TrafficSample();
  readonly #treeWatch: TreeWatch;
  readonly #watches: GroupWatches;
  readonly #rescan: Rescan;
  readonly #ticker: Ticker;
  readonly #onRemoved: ((group: string) => void)[] = [];
  #started = false;

  constructor(options: ObserverOptions) {
    this.#options = options;
    const { layout, reach, sources } = options;
    this.#entries = new GroupEntries(layout, reach);
    this.#publisher = new Publisher({ ...options, entryOf: (group) => this.#entries.of(group) });
    const { groups } = this.#publisher.mirror;
    this.#sampler = new Sampler(layout, raiseDescriptors(WANTED_DESCRIPTORS), (gid) => groups.get(gid)?.readings, options.members);
    this.#watches = new GroupWatches(options);
    this.#treeWatch = new TreeWatch(sources);
    this.tree = new GroupTree(layout, this.#treeWatch, {
      added: (group, by) => this.#added(group, by),
      changed: (group) => this.#changed(group),
      removed: (group, by) => this.#removed(group, by),
    });
    this.#rescan = new Rescan({ layout, tree: this.tree, sampler: this.#sampler, treeWatch: this.#treeWatch });
    this.#ticker = new Ticker(options.intervalMs, () => this.#tick());
  }

  /** Called when a group is gone. */
  onRemoved(listener: (group: string) => void): void {
    this.#onRemoved.push(listener);
  }

  /** Called with each frame from now on; `fullFrame` is what was before. */
  onFrame(listener: (bytes: Uint8Array) => void): void {
    this.#publisher.onFrame(listener);
  }

  /** Finds the groups, reports what came and went since the book was last written, and starts to tick. */
  start(): void {
    this.#treeWatch.start({
      appeared: (hierarchy, path) => this.tree.appeared(hierarchy, path),
      gone: (hierarchy, path) => this.tree.disappeared(hierarchy, path),
      written: (_, group, file) => this.#written(group, file),
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
    await this.tree.settled();
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
    // What comes from elsewhere (traffic, the machine) has no control file to be read from.
    const others = Object.entries(known?.readings ?? {}).filter(([key]) => findControlFiles(fileOfReading(key)).length === 0);
    return { entry: this.#entries.of(group), readings: { ...Object.fromEntries(others), ...this.#sampler.readNow(group) } };
  }

  /** The readings of a group by its path, as the last tick left them. */
  readings(path: string): Readings | undefined {
    return this.#publisher.mirror.byPath(path)?.readings;
  }

  /** What is not noticed at once on this machine, a sentence each. */
  missing(): string[] {
    return this.#treeWatch.missing();
  }

  /** Leaves files of a group alone while we write them; what was written is then announced with `wrote`. */
  writing<T>(group: Group, files: readonly string[], write: () => Promise<T>): Promise<T> {
    return this.#sampler.writing(group.gid, files, write);
  }

  /** A write of ours, as read back: it is known from now on, shown by the next frame, and reported. */
  wrote(path: string, { file, old, asked, new: text }: Written, by: string | undefined): void {
    const group = this.tree.get(path);
    const place = group && this.#options.layout.place(path, file, (hierarchy) => group.in.has(hierarchy));
    if (group && place?.file.sampled) this.#publisher.known(group, readingsOf(place.file, `${text}\n`));
    const time = Date.now();
    this.#options.reporter.report({ kind: 'write', group: path, file, old, new: text, asked, time, ...(by === undefined ? {} : { by }) });
  }

  /** Says anew which groups hold a process of ours: one of them has changed. */
  ownProcessesChanged(): void {
    this.#entries.ownProcessesChanged();
    for (const group of this.tree.all()) this.#publisher.entered(group);
  }

  #added(group: Group, by: string | undefined): void {
    this.#publisher.entered(group);
    // Watched before anybody hears of it: it may be out of memory a moment later.
    this.#watches.update(group);
    this.#sampler.changed(group);
    if (!this.#started) return;
    this.#options.reporter.groupMade(group.path);
    this.#report('create', group.path, by);
    this.#options.book.added(group.path, group.inode);
  }

  /** Somebody wrote a control file: it is read at the next tick. */
  #written(path: string, file: string): void {
    const group = this.tree.get(path);
    if (!group) return;
    this.#sampler.touched(group.gid, file);
    // Before the next tick it may have been thawed again.
    if (FREEZE_FILES.has(file)) this.#lookAtState(path, LOOKS);
    // Files of the groups below have come or gone.
    if (file === 'cgroup.subtree_control') for (const below of this.tree.below(path)) this.#changed(below);
  }

  #changed(group: Group): void {
    this.#publisher.entered(group);
    this.#sampler.changed(group);
    this.#watches.update(group);
  }

  #removed(group: Group, by: string | undefined): void {
    const { reporter, book } = this.#options;
    this.#publisher.removed(group);
    this.#sampler.remove(group);
    this.#watches.remove(group.path);
    this.traffic.forget(group.path);
    reporter.groupRemoved(group.path);
    if (this.#started) book.removed(group.path);
    this.#report('remove', group.path, by);
    for (const removed of this.#onRemoved) removed(group.path);
  }

  #report(kind: 'create' | 'remove', group: string, by: string | undefined): void {
    this.#options.reporter.report({ kind, group, time: Date.now(), ...(by === undefined ? {} : { by }) });
  }

  async #tick(): Promise<void> {
    const started = performance.now();
    const startedMs = monotonicMs();
    this.#rescan.tick();
    const changes: Change[] = await this.#sampler.read();
    this.#watches.ticked(changes, startedMs, (gid) => this.#publisher.mirror.groups.get(gid)?.entry.path);
    const root = this.tree.get('/');
    if (root) this.#host.read((key, value) => changes.push([root.gid, key, value]));
    this.traffic.read((path, key, value) => {
      const group = this.tree.get(path);
      if (group) changes.push([group.gid, key, value]);
    });
    this.#lookAtStates(changes);
    const { intervalMs } = this.#options;
    this.#publisher.publish(changes, { intervalMs, durationMs: performance.now() - started, late: this.#ticker.late });
  }
  /** Groups that somebody froze or thawed: the tick may have read them before our own last freeze or thaw, so the kernel is asked now. */
  #lookAtStates(changes: readonly Change[]): void {
    for (const [gid, key, value] of changes) {
      const known = FREEZER.has(key) ? this.#publisher.mirror.groups.get(gid) : undefined;
      if (known?.readings[key] !== undefined && value !== null) this.#lookAtState(known.entry.path);
    }
  }

  /** Where the kernel signals the change, that signal is what reports it. */
  #lookAtState(path: string, looksLeft = 0): void {
    const group = this.tree.get(path);
    if (!group || this.#watches.signalsState(path)) return;
    const state = groupState(this.#sampler.readNow(group, FREEZER_FILES));
    this.#options.reporter.states.seen(path, state);
    if (state === 'freezing' && looksLeft > 0) setTimeout(() => this.#lookAtState(path, looksLeft - 1), LOOK_AGAIN_MS).unref();
  }
}
