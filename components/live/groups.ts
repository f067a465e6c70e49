// Applies frames to the state of all groups, outside React, and notifies only watchers of a group that changed.
import { demandBytes } from '../../server/contract/forecast.ts';
import type { Frame, GroupEntry } from '../../server/contract/frame.ts';
import { GroupMirror } from '../../server/contract/mirror.ts';
import type { Readings } from '../../server/contract/readings.ts';
import { summaryOf } from '../../server/contract/summary.ts';
import { advance, type GroupLive, pushSpark, Spark, usageBytes } from './group-live.ts';
import { Watchers } from './watchers.ts';

export class LiveGroups {
  readonly mirror = new GroupMirror();
  readonly #live = new Map<string, GroupLive>();
  readonly #sparks = new Map<string, Spark>();
  readonly #watchers = new Watchers<string>();
  #paths: readonly string[] = [];
  /** The group with all its readings; of the others there is the summary. */
  #detailed: string | undefined;
  #hasDetail = false;

  /** All paths, sorted; the same array until a group comes or goes. */
  get paths(): readonly string[] {
    return this.#paths;
  }

  get(path: string): GroupLive | undefined {
    return this.#live.get(path);
  }

  spark(path: string): Spark | undefined {
    return this.#sparks.get(path);
  }

  get detailed(): string | undefined {
    return this.#detailed;
  }

  /** Whether all readings of the group have come; those of a group that does not exist are none. */
  readonly isWhole = (path: string): boolean => this.#hasDetail && path === this.#detailed;

  /** From now on the frames bring this group's detail, or none; what was there of another grows old no more. */
  detail(path: string | undefined): void {
    const before = this.#detailed === undefined ? undefined : this.mirror.byPath(this.#detailed);
    if (before) before.readings = summaryOf(before.readings);
    this.#detailed = path;
    this.#hasDetail = false;
  }

  readonly readingsOf = (path: string): Readings | undefined => this.#live.get(path)?.readings;

  /** How fast the group's demand for memory grows; undefined without a trend. */
  readonly growthOf = (path: string): number | undefined => this.#sparks.get(path)?.demand.growthPerSec;

  /** Calls back after a frame in which this group changed, was created or removed. */
  watch(path: string, listener: () => void): () => void {
    return this.#watchers.add(path, listener);
  }

  /** Of a hidden page: what changes is known, and nobody is notified before it is shown. */
  pause(): void {
    this.#watchers.pause();
  }

  resume(): void {
    this.#watchers.resume();
  }

  /** @returns false if the frame does not follow the last one; nothing is changed then, and a full frame is needed. */
  apply({ detail, ...sent }: Frame): boolean {
    // That of a group that was left may still be on its way.
    const isWanted = detail !== undefined && detail.of === this.#detailed;
    const frame: Frame = isWanted ? { ...sent, detail } : sent;
    if (frame.adds) return this.#add(frame);
    if (isWanted) this.#hasDetail = true;
    const changed = this.#keepOld(frame);
    const goneGids = frame.removed.map((gid) => this.mirror.groups.get(gid)?.entry);
    const head = this.mirror.head;
    if (!this.mirror.apply(frame)) return false;
    // Another agent’s monotonic clock is unrelated: no rate spans both.
    const beforeMonoMs = head?.epoch === frame.epoch ? head.monoMs : undefined;
    const clocks = { monoMs: frame.monoMs, timeMs: frame.timeMs, beforeMonoMs };
    if (beforeMonoMs === undefined) this.#sparks.clear();
    const touched = new Set<string>();
    let pathsChanged = this.#forgetGone(frame, goneGids, touched);
    for (const group of this.mirror.groups.values()) {
      const { path, gid, inode } = group.entry;
      const last = this.#live.get(path);
      // Also for another group of that name: it has lost its place in selections.
      if (last?.now.inode !== inode) pathsChanged = true;
      // An idle group is notified once that nothing changed, so that its rates fall to zero; then no more.
      const atRest = last?.before?.readings === last?.readings && last !== undefined && last.now.inode === inode;
      if (changed.has(gid) || frame.full || !atRest) {
        this.#live.set(path, advance(last, group.entry, group.readings, clocks));
        touched.add(path);
      }
      this.#pushSpark(path, frame, last);
    }
    if (pathsChanged) this.#paths = [...this.#live.keys()].sort();
    this.#watchers.notify(touched);
    return true;
  }

  /** The present detail of a group: its readings are now more, and nothing has changed. */
  #add(frame: Frame): boolean {
    const path = frame.detail?.of;
    const group = path === undefined ? undefined : this.mirror.byPath(path);
    if (group) group.readings = summaryOf(group.readings);
    if (!this.mirror.apply(frame)) return false;
    if (path === undefined) return true;
    this.#hasDetail = true;
    const last = this.#live.get(path);
    if (group && last) {
      const { readings } = group;
      this.#live.set(path, { ...last, readings, now: { ...last.now, readings } });
    }
    this.#watchers.notify(new Set([path]));
    return true;
  }

  /** The mirror changes readings in place: each group about to change is copied first, so that rates have the old readings. */
  #keepOld(frame: Frame): Set<number> {
    const changed = new Set<number>();
    for (const entry of frame.groups) changed.add(entry.gid);
    for (const { gids } of [...frame.columns, ...(frame.detail?.columns ?? [])]) for (const gid of gids) changed.add(gid);
    if (frame.full) return changed;
    for (const gid of changed) {
      const group = this.mirror.groups.get(gid);
      if (group) group.readings = { ...group.readings };
    }
    return changed;
  }

  #forgetGone(frame: Frame, gone: ReadonlyArray<GroupEntry | undefined>, touched: Set<string>): boolean {
    const paths = frame.full ? [...this.#live.keys()] : gone.flatMap((entry) => (entry ? [entry.path] : []));
    let forgot = false;
    for (const path of paths) {
      if (this.mirror.byPath(path)) continue;
      this.#live.delete(path);
      this.#sparks.delete(path);
      touched.add(path);
      forgot = true;
    }
    return forgot;
  }

  #pushSpark(path: string, frame: Frame, last: GroupLive | undefined): void {
    const live = this.#live.get(path);
    if (!live) return;
    let spark = this.#sparks.get(path);
    if (!spark) {
      spark = new Spark();
      this.#sparks.set(path, spark);
    } else if (last && last.now.inode !== live.now.inode) {
      spark.clear();
    }
    if (live.now.monoMs === frame.monoMs) pushSpark(spark, live);
    else spark.push(frame.monoMs, usageBytes(live.readings), 0, demandBytes(live.readings));
  }
}
