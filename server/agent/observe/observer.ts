// Observes the groups: the tree, the watches and the tick, which result in frames and events.
import { findControlFiles } from '../../contract/control-files.ts';
import { type GroupState, groupState } from '../../contract/derive.ts';
import type { Change, GroupEntry } from '../../contract/frame.ts';
import { lineage } from '../../contract/paths.ts';
import type { Readings } from '../../contract/readings.ts';
import { monotonicMs } from '../kernel/clock.ts';
import { readingsOf } from '../kernel/files/parse.ts';
import { type Group, GroupTree } from '../kernel/hierarchy/group-tree.ts';
import { fileFromDisk } from '../kernel/hierarchy/layout.ts';
import type { Forecasts } from './forecasts.ts';
import { GroupEntries } from './group-entries.ts';
import { GroupStateReader, STATE_FILES } from './group-state-reader.ts';
import { GroupWatches } from './group-watches.ts';
import { reportMissed } from './missed.ts';
import type { GroupListener, ObserverOptions, Written } from './observer-options.ts';
import { type Past, Publisher } from './publisher.ts';
import { Rescan } from './rescan.ts';
import { movesTasks } from './sample/file-sets.ts';
import type { HistoryQuery, Series } from './sample/history.ts';
import { HostSample } from './sample/host-sample.ts';
import { allNow, readNow } from './sample/read-now.ts';
import { Sampler } from './sample/sampler.ts';
import { Ticker } from './sample/ticker.ts';
import { TrafficSample } from './sample/traffic-sample.ts';
import { TreeWatch } from './watch/tree-watch.ts';

export class Observer {
  readonly tree: GroupTree;
  readonly #options: ObserverOptions;
  readonly #entries: GroupEntries;
  readonly #publisher: Publisher;
  readonly #sampler: Sampler;
  readonly #host = new HostSample();
  readonly traffic = new TrafficSample();
  readonly forecasts: Forecasts;
  readonly #treeWatch: TreeWatch;
  readonly #watches: GroupWatches;
  readonly #states: GroupStateReader;
  readonly #rescan: Rescan;
  readonly #ticker: Ticker;
  readonly #listeners: GroupListener[] = [];
  #started = false;

  constructor(options: ObserverOptions) {
    this.#options = options;
    const { layout, reach, sources } = options;
    this.#entries = new GroupEntries(layout, reach);
    this.#publisher = new Publisher({
      ...options,
      entryOf: (group) => this.#entries.of(group),
      causeOf: (gid, file) => this.#sampler.causeOf(gid, file),
    });
    this.forecasts = this.#publisher.forecasts;
    const { groups } = this.#publisher.mirror;
    this.#sampler = new Sampler({
      ...options,
      known: (gid) => groups.get(gid)?.readings,
      noticesTasks: (path) => this.#watches.signalsState(path),
    });
    options.reporter.onKill = () => this.#sampler.countKills();
    this.#watches = new GroupWatches(options);
    this.#treeWatch = new TreeWatch(sources);
    this.tree = new GroupTree(layout, this.#treeWatch, {
      added: (group, by) => this.#added(group, by),
      changed: (group) => this.#changed(group),
      removed: (group, by) => this.#removed(group, by),
      covered: (group) => this.#closed(group),
      uncovered: (group) => this.#changed(group),
    });
    this.#states = new GroupStateReader({
      states: options.reporter.states,
      signals: (path) => this.#watches.signalsState(path),
      readNow: (group, files) => readNow(layout, group, files),
      groupAt: (path) => this.tree.get(path),
      ofTick: (gid) => groups.get(gid),
    });
    this.#rescan = new Rescan({ layout, tree: this.tree, sampler: this.#sampler, treeWatch: this.#treeWatch });
    this.#ticker = new Ticker(options.intervalMs, () => this.#tick());
  }

  listen(listener: GroupListener): void {
    this.#listeners.push(listener);
  }

  /** Calls `listener` with each frame from now on; `fullFrame` has the state before. */
  onFrame(listener: (bytes: Uint8Array) => void): void {
    this.#publisher.onFrame(listener);
  }

  /** Finds the groups, and reports what changed since the book was written. */
  find(): void {
    this.#treeWatch.start({
      appeared: (hierarchy, path) => this.tree.appeared(hierarchy, path),
      disappeared: (hierarchy, path) => this.tree.disappeared(hierarchy, path),
      written: (hierarchy, group, file) => this.#written(group, fileFromDisk(hierarchy, file)),
      lost: () => this.#rescan.scan(),
    });
    this.#rescan.start(this.#options.sources);
    this.tree.scanNow();
    reportMissed(this.tree, this.#options);
    this.#started = true;
  }

  /** Starts the tick. Call it after `find`. */
  start(): void {
    this.#ticker.start();
  }

  /** @returns once a running tick has ended */
  async stop(): Promise<void> {
    await this.#ticker.stop();
    await this.#rescan.stop();
    await this.tree.settled();
  }

  /** Closes all descriptors. Call it after `stop`. */
  close(): void {
    this.#treeWatch.close();
    this.#host.close();
    for (const group of this.tree.all()) {
      this.#sampler.remove(group);
      this.#watches.remove(group.path);
    }
  }

  /** The last state as one full frame, for a new connection. */
  fullFrame(): Uint8Array | undefined {
    return this.#publisher.fullFrame();
  }

  history(gid: number, query: HistoryQuery): Series[] {
    return this.#publisher.history(gid, query);
  }

  /** A group as a tick read it, `ageMs` ago; as it is now with `fresh`, and where no tick has read it yet. */
  view(group: Group, fresh: boolean): { entry: GroupEntry; readings: Readings; ageMs: number } {
    const known = this.#publisher.mirror.groups.get(group.gid);
    // A group that was found while a tick read is in its frame without readings.
    if (!known || fresh || Object.keys(known.readings).length === 0)
      return { entry: this.#entries.of(group), readings: allNow(this.#options.layout, group, known?.readings), ageMs: 0 };
    const entry = { ...known.entry, self: this.#entries.isSelf(group.path) };
    return { entry, readings: { ...known.readings }, ageMs: Math.round(this.#sampler.ageMs(group.gid) ?? 0) };
  }

  /** Somebody looks at the group: it is read at each tick for the next ten seconds, also while it is at rest. */
  follow(path: string): void {
    const group = this.tree.get(path);
    if (group) this.#sampler.follow(group.gid);
  }

  /** Whether a group is frozen now. */
  state(group: Group): GroupState {
    return groupState(readNow(this.#options.layout, group, STATE_FILES));
  }

  /** The readings of the group at `path` after the last tick. */
  readings(path: string): Readings | undefined {
    return this.#publisher.mirror.byPath(path)?.readings;
  }

  /** A group's last readings and its number in the history, also if it was removed a moment ago. */
  past(path: string): Past | undefined {
    const gone = this.#publisher.gone(path);
    const group = this.tree.get(path);
    const readings = group && this.#publisher.mirror.groups.get(group.gid)?.readings;
    // One that no tick has read yet may have been made in the place of one that was killed.
    return group && readings ? { gid: group.gid, readings } : (gone ?? (group && { gid: group.gid, readings: {} }));
  }

  /** What is noticed late on this machine, one sentence each. */
  missing(): string[] {
    return this.#treeWatch.missing();
  }

  /** Keeps the tick from reading files of a group during `write`; pass what was written to `wrote`. */
  writing<T>(group: Group, files: readonly string[], write: () => Promise<T>): Promise<T> {
    return this.#sampler.writing(group.gid, files, write);
  }

  /** Reports a write of cgdeck, as read back, and puts it into the next frame. */
  wrote(path: string, { file, old, asked, new: text }: Written, by: string | undefined): void {
    const group = this.tree.get(path);
    const place = group && this.#options.layout.place(path, file, (hierarchy) => group.in.has(hierarchy));
    if (group && place?.file.sampled) this.#publisher.known(group, readingsOf(place.file, `${text}\n`));
    const time = Date.now();
    this.#options.reporter.report({ kind: 'write', group: path, file, old, new: text, asked, time, ...(by === undefined ? {} : { by }) });
  }

  /** A process of cgdeck started or ended: sends all entries again. */
  ownProcessesChanged(): void {
    this.#entries.ownProcessesChanged();
    for (const group of this.tree.all()) this.#publisher.entered(group);
  }

  #added(group: Group, by: string | undefined): void {
    this.#changed(group);
    if (!this.#started) return;
    this.#options.reporter.groupAdded(group.path);
    this.#report('create', group.path, by);
    this.#states.added(group);
    this.#options.book.added(group.path, group.inode);
    for (const { added } of this.#listeners) added?.(group.path);
  }

  /** A control file was written: it is read at the next tick. */
  #written(path: string, file: string): void {
    const group = this.tree.get(path);
    if (!group) return;
    this.#sampler.touched(group.gid, file);
    if (movesTasks(file)) for (const at of lineage(path)) this.#watches.inhabited(at);
    // Limits hold for the groups below, and so does a freeze: those get no notice of their own.
    if (file === 'freezer.state' || findControlFiles(file).some(({ onlyWritten }) => onlyWritten))
      for (const { gid } of this.tree.within(path)) this.#sampler.touched(gid);
    this.#states.written(group, file);
    for (const { written } of this.#listeners) written?.(path, file);
    // The children got or lost control files.
    if (file === 'cgroup.subtree_control') for (const below of this.tree.below(path)) this.#changed(below);
  }

  /** Also at first: watched before it is reported, as it may be out of memory a moment later. */
  #changed(group: Group): void {
    this.#publisher.entered(group);
    this.#watches.update(group);
    this.#sampler.changed(group);
  }

  #closed(group: Group): void {
    this.#publisher.removed(group);
    this.#sampler.remove(group);
    this.#watches.remove(group.path);
  }

  #removed(group: Group, by: string | undefined): void {
    const { reporter, book } = this.#options;
    this.#closed(group);
    this.traffic.forget(group.path);
    reporter.groupRemoved(group.path);
    if (this.#started) book.removed(group.path);
    this.#report('remove', group.path, by);
    for (const { removed } of this.#listeners) removed?.(group.path);
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
    const { intervalMs } = this.#options;
    this.#publisher.publish(changes, { intervalMs, durationMs: performance.now() - started, late: this.#ticker.late });
    this.#states.ticked(changes);
    for (const [gid, key, value] of changes) {
      const isTasks = (key === 'pids.current' || key === 'cgroup.procs') && Number(value) > 0;
      const path = isTasks ? this.#publisher.mirror.groups.get(gid)?.entry.path : undefined;
      if (path !== undefined) this.#watches.inhabited(path);
    }
  }
}
