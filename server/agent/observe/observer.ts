// Everything that is read: the tree, the tick, the watches; out come frames and events.
import { readFileSync } from 'node:fs';
import { raiseDescriptors } from '../../../native/libc/process.ts';
import { type Change, encodeFrame, type Frame, type GroupEntry } from '../../contract/frame.ts';
import { GroupMirror } from '../../contract/mirror.ts';
import { parentPath } from '../../contract/paths.ts';
import type { PressureSettings } from '../../contract/pressure.ts';
import { type Group, GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { Hierarchy } from '../kernel/hierarchy/mounts.ts';
import type { Reach } from '../kernel/reach.ts';
import type { Sources } from '../kernel/sources.ts';
import type { GroupBook } from '../state/group-book.ts';
import type { Reporter } from './reporter.ts';
import { History } from './sample/history.ts';
import { HostSample } from './sample/host-sample.ts';
import { Sampler } from './sample/sampler.ts';
import { Ticker } from './sample/ticker.ts';
import { type Traffic, TrafficSample } from './sample/traffic-sample.ts';
import { MemoryWatch } from './watch/memory-watch.ts';
import { PressureTriggers } from './watch/pressure-triggers.ts';
import { TreeWatch } from './watch/tree-watch.ts';
import { UnifiedWatch } from './watch/unified-watch.ts';

const SCAN_EVERY_MS = 60_000;
const TRIM_EVERY_MS = 10_000;
/** 30 descriptors a group, for some thousand groups. */
const WANTED_DESCRIPTORS = 200_000;

export interface ObserverOptions {
  readonly host: string;
  readonly epoch: string;
  readonly intervalMs: number;
  readonly layout: Layout;
  readonly reach: Reach;
  readonly pressure: PressureSettings;
  readonly reporter: Reporter;
  readonly book: GroupBook;
  readonly sources: Sources;
  /** Who made or removed a group through us, so that the event says so. */
  readonly actorOf: (what: 'create' | 'remove', group: string) => string | undefined;
  readonly removed: (group: string) => void;
  readonly frame: (bytes: Uint8Array) => void;
  /** Of each group with a routed network. */
  readonly traffic: () => ReadonlyMap<string, Traffic>;
}

export class Observer {
  readonly tree: GroupTree;
  readonly mirror = new GroupMirror();
  readonly sampler: Sampler;
  readonly #options: ObserverOptions;
  readonly #history = new History();
  readonly #host = new HostSample();
  readonly #traffic = new TrafficSample();
  readonly #treeWatch: TreeWatch;
  readonly #memoryWatch: MemoryWatch;
  readonly #unifiedWatch: UnifiedWatch;
  readonly #triggers: PressureTriggers;
  readonly #ticker: Ticker;
  #entries = new Map<number, Group>();
  #removedGids: number[] = [];
  #pending: Change[] = [];
  #own: { readonly groups: Set<string>; readonly atMs: number } = { groups: new Set(), atMs: Number.NEGATIVE_INFINITY };
  #away: ReadonlySet<Hierarchy> = new Set();
  #seq = 0;
  #durationMs = 0;
  #started = false;
  #scannedMs = 0;
  #trimmedMs = 0;

  constructor(options: ObserverOptions) {
    this.#options = options;
    const { sources, reporter, layout } = options;
    this.sampler = new Sampler(layout, raiseDescriptors(WANTED_DESCRIPTORS), (gid) => this.mirror.groups.get(gid)?.readings);
    this.#treeWatch = new TreeWatch(sources);
    this.#memoryWatch = new MemoryWatch(sources, {
      oom: (group, count, underOom, wokeMs) => reporter.oom(group, count, underOom, wokeMs),
      pressure: (group, level, count, wokeMs) => reporter.pressure(group, 'memory', level, count, wokeMs),
    });
    this.#unifiedWatch = new UnifiedWatch(sources, {
      oom: (group, count, wokeMs) => reporter.oomCounted(group, count, wokeMs),
      threshold: (group, file, count, wokeMs) => reporter.thresholdMet(group, file, count, wokeMs),
      state: (group, frozen, wokeMs) => reporter.stateSignalled(group, frozen ? 'frozen' : 'thawed', wokeMs),
      // That somebody came is told as a launch or a move, and by the next tick.
      populated: (group, populated, wokeMs) => {
        if (!populated) reporter.emptied(group, wokeMs);
      },
    });
    this.#triggers = new PressureTriggers(sources, pressureWanted(options), (group, resource, level, wokeMs) =>
      reporter.pressure(group, resource, level, 1, wokeMs),
    );
    this.tree = new GroupTree(layout, this.#treeWatch, {
      added: (group) => this.#added(group),
      changed: (group) => this.#changed(group),
      removed: (group) => this.#removed(group),
    });
    this.#ticker = new Ticker(options.intervalMs, () => this.#tick());
  }

  /** Finds the groups, tells what came and went since the book was last written, and starts to tick. */
  start(): void {
    this.#treeWatch.start({
      appeared: (hierarchy, path) => this.tree.appeared(hierarchy, path),
      gone: (hierarchy, path) => this.tree.gone(hierarchy, path),
      written: (hierarchy, group, file) => this.#written(hierarchy, group, file),
      lost: () => this.#scan(),
    });
    this.#scan();
    this.#tellDifference();
    this.#started = true;
    this.#ticker.start();
  }

  /** @returns once the tick that may be running has told what it saw */
  stop(): Promise<void> {
    return this.#ticker.stop();
  }

  /** Lets go of everything that is held; after `stop`, when nothing is read any more. */
  close(): void {
    this.#treeWatch.close();
    this.#host.close();
    for (const group of this.tree.all()) {
      this.sampler.remove(group);
      this.#unwatch(group.path);
    }
  }

  /** The last state as one full frame, for a link that begins. */
  fullFrame(): Uint8Array | undefined {
    const full = this.mirror.full();
    return full && encodeFrame(full);
  }

  history(gid: number, query: Parameters<History['query']>[1]): ReturnType<History['query']> {
    return this.#history.query(gid, query, Date.now());
  }

  isSelf(path: string): boolean {
    if (performance.now() - this.#own.atMs > 1000) this.#own = { groups: this.#options.reach.ownGroups(), atMs: performance.now() };
    return this.#own.groups.has(path);
  }

  controllersOf(group: Group): string[] {
    const { layout } = this.#options;
    return layout.hierarchies
      .filter((hierarchy) => group.in.has(hierarchy))
      .flatMap((hierarchy) =>
        hierarchy.version === 2 ? ['unified', ...layout.enabledIn(hierarchy, group.path)] : [...hierarchy.controllers],
      );
  }

  /** Says anew which groups hold a process of ours: one of them has changed. */
  ownProcessesChanged(): void {
    this.#own = { groups: new Set(), atMs: Number.NEGATIVE_INFINITY };
    for (const group of this.tree.all()) this.#entries.set(group.gid, group);
  }

  #added(group: Group): void {
    this.#entries.set(group.gid, group);
    // Watched before anybody hears of it: it may be out of memory a moment later.
    this.#watch(group);
    if (this.#started) {
      // Told before its twenty files are opened: news does not wait for housekeeping.
      this.#options.reporter.groupMade(group.path);
      this.#tellGroup('create', group.path);
      this.#options.book.added(group.path, group.inode);
    }
    this.sampler.add(group);
  }

  #changed(group: Group): void {
    this.#entries.set(group.gid, group);
    this.#pending.push(...this.sampler.change(group));
    this.#watch(group);
  }

  #removed(group: Group): void {
    this.#entries.delete(group.gid);
    this.#removedGids.push(group.gid);
    this.sampler.remove(group);
    this.#unwatch(group.path);
    this.#history.remove(group.gid);
    this.#traffic.forget(group.path);
    this.#options.reporter.groupRemoved(group.path);
    if (this.#started) this.#options.book.removed(group.path);
    this.#tellGroup('remove', group.path);
    this.#options.removed(group.path);
  }

  #tellGroup(kind: 'create' | 'remove', group: string): void {
    const by = this.#options.actorOf(kind, group);
    this.#options.reporter.report({ kind, group, time: Date.now(), ...(by === undefined ? {} : { by }) });
  }

  /** Where v1 has the memory controller, its eventfds tell of memory; else the unified tree's files tell of memory, freezing and who is inside. */
  #watch(group: Group): void {
    const { layout, reach, reporter } = this.#options;
    const memory = layout.ofController('memory');
    if (memory && group.in.has(memory)) this.#memoryWatch.add(group.path, layout.dir(memory, group.path));
    else this.#memoryWatch.remove(group.path);
    const { unified } = layout;
    // The root group has none of these files.
    if (!unified || !group.in.has(unified) || group.path === '/') {
      this.#unifiedWatch.remove(group.path);
      this.#triggers.remove(group.path);
      return;
    }
    const dir = layout.dir(unified, group.path);
    if (unified.controllers.includes('memory')) {
      this.#unifiedWatch.add(group.path, dir);
      reporter.signalsState(group.path);
    }
    // Triggers cost descriptors and a kernel thread each: for the groups that we may act on.
    if (reach.isManaged(group.path)) this.#triggers.add(group.path, dir);
  }

  #unwatch(group: string): void {
    this.#memoryWatch.remove(group);
    this.#unifiedWatch.remove(group);
    this.#triggers.remove(group);
  }

  #written(_hierarchy: Hierarchy, path: string, file: string): void {
    const group = this.tree.get(path);
    if (!group) return;
    this.sampler.touched(group.gid, file);
    if (file !== 'cgroup.subtree_control') return;
    // Files of the groups below have come or gone.
    for (const below of this.tree.within(path)) if (below !== group && parentPath(below.path) === path) this.#changed(below);
  }

  /** What happened meanwhile in a hierarchy that was away, nobody has told. */
  #isMountedAnew(): boolean {
    const { layout } = this.#options;
    const away = new Set(layout.hierarchies.filter((hierarchy) => !layout.isMounted(hierarchy)));
    const anew = [...this.#away].some((hierarchy) => !away.has(hierarchy));
    this.#away = away;
    return anew;
  }

  #scan(): void {
    this.#scannedMs = performance.now();
    this.tree.scan();
    this.sampler.touchAll();
  }

  #tellDifference(): void {
    const { book, reporter } = this.#options;
    const time = Date.now();
    for (const [path, inode] of book.before ?? []) {
      const now = this.tree.get(path);
      // The book has the inode of whichever of its directories was seen first.
      const same = now !== undefined && [...now.in.values()].includes(inode);
      if (!same) reporter.report({ kind: 'remove', group: path, time, late: true });
      if (now && !same) reporter.report({ kind: 'create', group: path, time, late: true });
    }
    for (const group of this.tree.all()) {
      if (book.before && !book.before.has(group.path)) reporter.report({ kind: 'create', group: group.path, time, late: true });
      book.added(group.path, group.inode);
    }
    book.compact();
    for (const group of this.tree.all()) this.#tellUnderOom(group);
  }

  /** A group whose tasks already sleep at the limit signals no more: the agent says what it finds. */
  #tellUnderOom(group: Group): void {
    const path = this.#options.layout.filePath(group.path, 'memory.oom_control', (hierarchy) => group.in.has(hierarchy));
    if (path === undefined) return;
    try {
      if (!/under_oom 1/.test(readFileSync(path, 'utf8'))) return;
    } catch {
      return;
    }
    this.#options.reporter.report({ kind: 'oom', group: group.path, count: 1, underOom: true, time: Date.now(), late: true });
  }

  async #tick(): Promise<void> {
    const started = performance.now();
    if (started - this.#scannedMs > SCAN_EVERY_MS || this.#isMountedAnew()) this.#scan();
    const read = await this.sampler.read();
    const changes: Change[] = [...this.#pending, ...read];
    this.#pending = [];
    const root = this.tree.get('/');
    if (root) this.#host.read((key, value) => changes.push([root.gid, key, value]));
    this.#traffic.read(this.#options.traffic(), (path, key, value) => {
      const group = this.tree.get(path);
      if (group) changes.push([group.gid, key, value]);
    });
    this.#durationMs = performance.now() - started;
    // What was read of a group before it went is nobody's: a new group of its name must not inherit it.
    const gone = new Set(this.#removedGids);
    this.#publish(gone.size === 0 ? changes : changes.filter(([gid]) => !gone.has(gid)));
  }

  #publish(changes: readonly Change[]): void {
    const frame: Frame = {
      host: this.#options.host,
      epoch: this.#options.epoch,
      seq: ++this.#seq,
      timeMs: Date.now(),
      monoMs: performance.now(),
      full: this.#seq === 1,
      tick: { intervalMs: this.#options.intervalMs, durationMs: this.#durationMs, late: this.#ticker.late },
      groups: [...this.#entries.values()].map((group) => this.#entry(group)),
      removed: this.#removedGids,
      changes,
    };
    this.#entries = new Map();
    this.#removedGids = [];
    this.#options.reporter.ticked(
      changes,
      (gid) => this.mirror.groups.get(gid)?.entry.path ?? frame.groups.find((entry) => entry.gid === gid)?.path,
      (gid) => this.mirror.groups.get(gid)?.readings,
    );
    this.mirror.apply(frame);
    this.#history.note(frame.timeMs, changes);
    if (frame.monoMs - this.#trimmedMs > TRIM_EVERY_MS) {
      this.#trimmedMs = frame.monoMs;
      this.#history.trim(frame.timeMs);
    }
    this.#options.frame(encodeFrame(frame));
  }

  #entry(group: Group): GroupEntry {
    return {
      gid: group.gid,
      path: group.path,
      inode: group.inode,
      managed: this.#options.reach.isManaged(group.path),
      self: this.isSelf(group.path),
      controllers: this.controllersOf(group),
    };
  }
}

/** On hybrid machines v1's own levels tell of memory. */
function pressureWanted({ layout, pressure }: ObserverOptions): PressureSettings {
  if (!layout.ofController('memory')) return pressure;
  const { memory: _, ...others } = pressure;
  return others;
}
