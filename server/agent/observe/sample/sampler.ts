// Reads the control files of all groups, in batches on a thread of the pool, and returns the readings that changed.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ControlFile, fileOfReading, findControlFiles } from '../../../contract/control-files.ts';
import type { NewEvent } from '../../../contract/events.ts';
import type { Change } from '../../../contract/frame.ts';
import type { Readings } from '../../../contract/readings.ts';
import { OpenFile } from '../../kernel/files/open-file.ts';
import { readingsOf } from '../../kernel/files/parse.ts';
import { type BatchNews, ReadBatch } from '../../kernel/files/read-batch.ts';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import type { Group } from '../../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../../kernel/hierarchy/layout.ts';
import { inSlices } from '../../kernel/slices.ts';
import { RESERVED_DESCRIPTORS, type Sources } from '../../kernel/sources.ts';
import type { Members } from '../watch/members.ts';

/** Files in one batch: enough to make the call to the other thread cheap, few enough to parse without delaying an event. */
const BATCH_FILES = 1024;
/** Groups whose files are opened before other work runs. */
const GROUPS_PER_SLICE = 10;
/** Files that are read one by one before other work runs. */
const FILES_PER_SLICE = 250;

/** Writing one of these moves a process or a thread. */
const MEMBER_FILES = new Set(['cgroup.procs', 'tasks', 'cgroup.threads']);

/** Long, and on v1 stale while kept open: read only when members may have changed. */
function isMemberList({ format }: ControlFile): boolean {
  return format === 'lines';
}

interface GroupReader {
  readonly path: string;
  /** Read at every tick. */
  readonly files: OpenFile[];
  /** Read after a write. */
  readonly written: OpenFile[];
  /** Lists of members: opened for each read, after something happened in the group. */
  readonly members: OpenFile[];
}

function filesOf({ files, written, members }: GroupReader): OpenFile[] {
  return [...files, ...written, ...members];
}

/** How it came that a file is read that changes only when it is written: by a write of its own, through one of another file, or without a notice. */
export type Cause = Pick<EventOfWrite, 'through' | 'found'>;
type EventOfWrite = Extract<NewEvent, { kind: 'write' }>;

export class Sampler {
  readonly #layout: Layout;
  readonly #sources: Pick<Sources, 'reaches'>;
  readonly #known: (gid: number) => Readings | undefined;
  readonly #members: Members;
  readonly #toOpen = new Map<number, Group>();
  readonly #readers = new Map<number, GroupReader>();
  readonly #dirty = new Map<OpenFile, Cause>();
  /** Of the files in the last `read`, as `gid file`. */
  readonly #causes = new Map<string, Cause>();
  /** Files being written by cgdeck, as `gid file`, with the number of writers. */
  readonly #beingWritten = new Map<string, number>();
  readonly #writtenMeanwhile = new Set<string>();
  readonly #batches = new Set<ReadBatch>();
  /** Each file's group, and its batch unless it is read only after a write. */
  readonly #places = new Map<OpenFile, { readonly gid: number; readonly batch?: ReadBatch; readonly place?: number }>();
  #filling: ReadBatch | undefined;
  /** A process was moved: all groups' members are read, since the group it left gets no notice. */
  #membersMoved = false;

  /**
   * @param sources knows how far the descriptors reach
   * @param known a group's readings after the last frame, to compare with
   */
  constructor(layout: Layout, sources: Pick<Sources, 'reaches'>, known: (gid: number) => Readings | undefined, members: Members) {
    this.#layout = layout;
    this.#members = members;
    this.#known = known;
    this.#sources = sources;
  }

  /** The group is new, or its directory in a hierarchy was made or removed: its files are opened at the next tick. */
  changed(group: Group): void {
    this.#toOpen.set(group.gid, group);
  }

  remove(group: Group): void {
    this.#toOpen.delete(group.gid);
    const reader = this.#readers.get(group.gid);
    if (!reader) return;
    this.#closeAll(filesOf(reader));
    this.#readers.delete(group.gid);
  }

  /** A file of the group was written (inotify): it is read at the next tick. */
  touched(gid: number, name: string): void {
    if (MEMBER_FILES.has(name)) this.#membersMoved = true;
    const also = findControlFiles(name).flatMap(({ changes = [] }) => changes);
    for (const file of this.#readers.get(gid)?.written ?? []) {
      if (file.file.name === name) this.#dirty.set(file, {});
      else if (also.includes(file.file.name) && (this.#dirty.get(file)?.found ?? true)) this.#dirty.set(file, { through: name });
    }
  }

  /** A directory of the group that inotify does not watch: its files are read at the next tick. */
  touchedIn(gid: number | undefined, dir: string): void {
    const reader = gid === undefined ? undefined : this.#readers.get(gid);
    for (const file of [...(reader?.written ?? []), ...(reader?.members ?? [])]) if (dirname(file.path) === dir) this.#toLookAt(file);
  }

  /** During `write` the tick does not read these files of the group: the writer reports what it read back. */
  async writing<T>(gid: number, files: readonly string[], write: () => Promise<T>): Promise<T> {
    const count = (file: string, by: number) => {
      const left = (this.#beingWritten.get(`${gid} ${file}`) ?? 0) + by;
      if (left > 0) this.#beingWritten.set(`${gid} ${file}`, left);
      else this.#beingWritten.delete(`${gid} ${file}`);
    };
    for (const file of files) {
      count(file, 1);
      this.#writtenMeanwhile.add(`${gid} ${file}`);
    }
    try {
      return await write();
    } finally {
      for (const file of files) count(file, -1);
    }
  }

  /** Reads everything again at the next tick: the safety net for lost notices. */
  touchAll(): void {
    for (const reader of this.#readers.values()) for (const file of reader.written) this.#toLookAt(file);
    this.#membersMoved = true;
  }

  #toLookAt(file: OpenFile): void {
    if (!this.#dirty.has(file)) this.#dirty.set(file, { found: true });
  }

  /** How it came that the last `read` read a file that is read only after a write. */
  causeOf(gid: number, file: string): Cause {
    return this.#causes.get(`${gid} ${file}`) ?? {};
  }

  /** All sampled readings of one group, or those of some files, read now. */
  readNow(group: Group, only?: ReadonlySet<string>): Readings {
    const readings: Readings = {};
    for (const { file, path } of this.#layout.sampled(group.path, (hierarchy) => group.in.has(hierarchy))) {
      if (only?.has(file.name) === false) continue;
      try {
        for (const [key, value] of readingsOf(file, readFileSync(onDisk(path)))) readings[key] = value;
      } catch {
        // The kernel or the group has no such file: no reading.
      }
    }
    return readings;
  }

  /** Paths of all files that a tick reads, for the bench. */
  paths(): string[] {
    return [...this.#readers.values()].flatMap((reader) => reader.files.map((file) => file.path));
  }

  /** One tick's reading. A group that is removed meanwhile has no readings; its removal is reported by the tree. */
  async read(): Promise<Change[]> {
    const changes: Change[] = [];
    await this.#openChanged(changes);
    const news: BatchNews = {
      changed: ({ gid, file }, bytes, start, end) =>
        file.take(bytes, start, end, this.#known(gid), (key, value) => changes.push([gid, key, value])),
      failed: ({ gid, file }) => file.absent(this.#known(gid), (key, value) => changes.push([gid, key, value])),
      tooLong: ({ gid, file }) => this.#readWhole(file, gid, changes),
    };
    for (const batch of [...this.#batches]) await batch.read(news);
    this.#findMembers(changes);
    this.#writtenMeanwhile.clear();
    this.#causes.clear();
    await inSlices([...this.#dirty.keys()], FILES_PER_SLICE, (file) => {
      const gid = this.#places.get(file)?.gid;
      const cause = this.#dirty.get(file);
      if (!cause || this.#beingWritten.has(`${gid} ${file.file.name}`)) return;
      this.#causes.set(`${gid} ${file.file.name}`, cause);
      this.#dirty.delete(file);
      this.#readWhole(file, gid, changes);
    });
    // Read before a write of ours ended: the writer reports the new value.
    if (this.#writtenMeanwhile.size === 0) return changes;
    return changes.filter(([gid, key]) => !this.#writtenMeanwhile.has(`${gid} ${fileOfReading(key)}`));
  }

  /**
   * Reads lists of members only where they may have changed: a fork or an exit uses CPU time, which changes a reading, and a
   * write to a list is reported by inotify.
   */
  #findMembers(changes: readonly Change[]): void {
    const changed = new Set(changes.map(([gid]) => gid));
    for (const [gid, { members }] of this.#readers)
      if (this.#membersMoved || changed.has(gid)) for (const file of members) this.#dirty.set(file, {});
    this.#membersMoved = false;
  }

  #readWhole(file: OpenFile, gid: number | undefined, changes: Change[]): void {
    if (gid === undefined) return;
    const emit = (key: string, value: Change[2]) => changes.push([gid, key, value]);
    try {
      const bytes = readFileSync(onDisk(file.path));
      file.take(bytes, 0, bytes.length, this.#known(gid), emit);
      if (isMemberList(file.file)) this.#members.listed(this.#readers.get(gid)?.path ?? '', file.path, bytes);
    } catch {
      file.absent(this.#known(gid), emit);
    }
  }

  /** In slices; emits null for the readings of files that a group has lost. */
  async #openChanged(changes: Change[]): Promise<void> {
    await inSlices(this.#toOpen, GROUPS_PER_SLICE, ([gid, group]) => {
      this.#toOpen.delete(gid);
      const before = this.#readers.get(gid);
      const reader = this.#open(group);
      const now = new Set(filesOf(reader).map(({ file }) => file.name));
      for (const file of before ? filesOf(before) : [])
        if (!now.has(file.file.name)) file.absent(this.#known(gid), (key, value) => changes.push([gid, key, value]));
      if (before) this.#closeAll(filesOf(before));
    });
  }

  /** As many descriptors again are left for the watches of groups to come. */
  readonly #mayKeep = (fd: number): boolean => this.#sources.reaches(fd + RESERVED_DESCRIPTORS);

  #open(group: Group): GroupReader {
    const reader: GroupReader = { path: group.path, files: [], written: [], members: [] };
    this.#readers.set(group.gid, reader);
    for (const { file, path } of this.#layout.sampled(group.path, (hierarchy) => group.in.has(hierarchy))) {
      const everyTick = !file.onlyWritten && !isMemberList(file);
      const open = OpenFile.open(file, path, everyTick ? this.#mayKeep : undefined);
      if (!open) continue;
      this.#places.set(open, { gid: group.gid, ...(everyTick ? this.#place(open, group.gid) : {}) });
      if (everyTick) reader.files.push(open);
      else {
        (file.onlyWritten ? reader.written : reader.members).push(open);
        this.#toLookAt(open);
      }
    }
    return reader;
  }

  #place(file: OpenFile, gid: number): { batch: ReadBatch; place: number } {
    if (!this.#filling || this.#filling.size >= BATCH_FILES) {
      this.#filling = new ReadBatch();
      this.#batches.add(this.#filling);
    }
    return { batch: this.#filling, place: this.#filling.add({ gid, file }) };
  }

  #closeAll(files: readonly OpenFile[]): void {
    for (const file of files) {
      const { batch, place = -1 } = this.#places.get(file) ?? {};
      batch?.remove(place);
      // An empty batch is dropped; holes in the others cost next to nothing.
      if (batch?.live === 0 && batch !== this.#filling) this.#batches.delete(batch);
      file.close();
      this.#places.delete(file);
      this.#dirty.delete(file);
    }
  }
}
