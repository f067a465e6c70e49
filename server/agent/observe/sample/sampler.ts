// Reads the control files of all groups, on a thread of the pool, and returns the readings that changed.
import { fileOfReading } from '../../../contract/control-files.ts';
import type { Change } from '../../../contract/frame.ts';
import type { Readings } from '../../../contract/readings.ts';
import { FileTable } from '../../kernel/files/file-table.ts';
import type { Group } from '../../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../../kernel/hierarchy/layout.ts';
import { inSlices } from '../../kernel/slices.ts';
import { RESERVED_DESCRIPTORS, type Sources } from '../../kernel/sources.ts';
import type { Members } from '../watch/members.ts';
import { FileChoice } from './file-choice.ts';
import { FileSets, movesTasks } from './file-sets.ts';
import { GroupNews } from './group-news.ts';
import { OwnWrites } from './own-writes.ts';
import { type Cause, SampledGroup } from './sampled-group.ts';

/** Groups that are prepared before other work runs. */
const GROUPS_PER_SLICE = 50;

export interface SamplerOptions {
  readonly layout: Layout;
  /** Knows how far the descriptors reach. */
  readonly sources: Pick<Sources, 'reaches'>;
  /** A group's readings after the last frame, to compare with. */
  readonly known: (gid: number) => Readings | undefined;
  readonly members: Members;
  /** Whether the kernel notifies that a group of v2 gets its first task; false where it is left out. */
  readonly noticesTasks?: (path: string) => boolean;
  /** A monotonic clock. */
  readonly nowMs?: () => number;
}

export class Sampler {
  readonly #options: SamplerOptions;
  readonly #nowMs: () => number;
  readonly #sets: FileSets;
  readonly #table: FileTable<SampledGroup>;
  readonly #choice: FileChoice;
  readonly #toOpen = new Map<number, Group>();
  readonly #groups = new Map<number, SampledGroup>();
  readonly #byPath = new Map<string, SampledGroup>();
  /** Of the files in the last `read`, as `gid file`. */
  readonly #causes = new Map<string, Cause>();
  readonly #ownWrites = new OwnWrites();
  /** Groups that this tick found changed other than in the averages of pressure, which fall by themselves. */
  readonly #moved = new Set<SampledGroup>();
  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#sets = new FileSets(options.layout);
    // As many descriptors again are left for the watches of groups to come.
    this.#table = new FileTable((fd) => options.sources.reaches(fd + RESERVED_DESCRIPTORS));
    this.#choice = new FileChoice(this.#table, {
      known: (gid) => options.known(gid) ?? {},
      noticesTasks: (path) => options.noticesTasks?.(path) ?? false,
    });
  }

  /** Files that were read since the start. */
  get reads(): number {
    return this.#table.reads;
  }

  /** The group is new, or its directory in a hierarchy was made or removed: its files are read at the next tick. */
  changed(group: Group): void {
    this.#toOpen.set(group.gid, group);
  }

  remove({ gid }: Pick<Group, 'gid'>): void {
    this.#toOpen.delete(gid);
    const one = this.#groups.get(gid);
    if (!one) return;
    this.#table.remove(one.first, one.set.files.length);
    this.#groups.delete(gid);
    this.#moved.delete(one);
    if (this.#byPath.get(one.path) === one) this.#byPath.delete(one.path);
  }

  /** A file of the group was written (inotify), or another reason is known why it may have changed: it is read at the next tick. */
  touched(gid: number, name?: string): void {
    const one = this.#groups.get(gid);
    if (!one) return;
    one.due = true;
    if (name === undefined) return;
    if (movesTasks(name)) this.#choice.membersMoved = true;
    one.written(name);
  }

  /** A directory of the group that inotify does not watch: its files are read at the next tick. */
  touchedIn(gid: number | undefined, dir: string): void {
    const one = gid === undefined ? undefined : this.#groups.get(gid);
    if (!one) return;
    one.due = true;
    one.mayBeWritten(dir);
  }

  /** Reads everything that is read only after writes again at the next tick: the safety net for lost notices. */
  touchAll(): void {
    for (const one of this.#groups.values()) one.mayBeWritten();
    this.#choice.membersMoved = true;
  }

  /** Somebody looks at the group: it is read at each tick for a while. */
  follow(gid: number): void {
    this.#groups.get(gid)?.follow(this.#nowMs());
  }

  /** Since all of the group was read; undefined before the first time. */
  ageMs(gid: number): number | undefined {
    const readMs = this.#groups.get(gid)?.readMs;
    return readMs === undefined ? undefined : this.#nowMs() - readMs;
  }

  /** The kernel killed for memory: the next tick reads every group's count of kills, to find in which. */
  countKills(): void {
    this.#choice.killsCounted = false;
  }

  /** During `write` the tick does not read these files of the group: the writer reports what it read back. */
  writing<T>(gid: number, files: readonly string[], write: () => Promise<T>): Promise<T> {
    return this.#ownWrites.during(gid, files, write).finally(() => this.touched(gid));
  }

  /** How it came that the last `read` read a file that is read only after a write. */
  causeOf(gid: number, file: string): Cause {
    return this.#causes.get(`${gid} ${file}`) ?? {};
  }

  /** One tick's reading. A group that is removed meanwhile has no readings; its removal is reported by the tree. */
  async read(): Promise<Change[]> {
    const changes: Change[] = [];
    const nowMs = this.#nowMs();
    await this.#openChanged(changes);
    const { known, members } = this.#options;
    const news = new GroupNews({ known, members, nowMs, changes, moved: this.#moved });
    this.#moved.clear();
    await this.#table.read(this.#choice.atFirst(this.#groups.values(), nowMs), news);
    await this.#table.read(
      this.#choice.above(this.#moved, (path) => this.#byPath.get(path), nowMs),
      news,
    );
    await this.#table.read(this.#written(), news);
    return changes.filter((change) => !this.#isOutdated(change));
  }

  /** In slices; emits null for the readings of files that a group has lost. */
  async #openChanged(changes: Change[]): Promise<void> {
    await inSlices(this.#toOpen, GROUPS_PER_SLICE, ([gid, group]) => {
      this.#toOpen.delete(gid);
      const before = this.#groups.get(gid);
      if (before) this.remove(group);
      const one = new SampledGroup(this.#options.layout, group, this.#sets.of(group));
      one.first = this.#table.add(one, one.set.files.length);
      this.#groups.set(gid, one);
      this.#byPath.set(group.path, one);
      one.mayBeWritten();
      const now = new Set(one.set.files.map(({ file }) => file.name));
      for (const { file, readings } of before?.set.files ?? [])
        if (!now.has(file.name)) readings.absent(this.#options.known(gid), (key, value) => changes.push([gid, key, value]));
    });
  }

  /** A change that was read before a write of ours ended: it is read again. */
  #isOutdated(change: Change): boolean {
    if (!this.#ownWrites.outdates(change)) return false;
    const one = this.#groups.get(change[0]);
    const index = one?.set.files.findIndex(({ file }) => file.name === fileOfReading(change[1])) ?? -1;
    if (one && index >= 0) this.#table.forget(one.first + index);
    return true;
  }

  /** Files that may have been written; one that we write is left for later. */
  #written(): number[] {
    const places: number[] = [];
    this.#ownWrites.begin();
    this.#causes.clear();
    for (const one of this.#groups.values())
      for (const [index, cause] of one.dirty) {
        const name = one.set.files[index]?.file.name ?? '';
        if (this.#ownWrites.has(one.gid, name)) continue;
        one.dirty.delete(index);
        this.#causes.set(`${one.gid} ${name}`, cause);
        this.#table.forget(one.first + index);
        places.push(one.first + index);
      }
    return places;
  }
}
