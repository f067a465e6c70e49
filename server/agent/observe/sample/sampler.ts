// Reads all groups: held descriptors in batches on a thread of the pool, parsed here, only what changed comes out.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ControlFile, fileOfReading } from '../../../contract/control-files.ts';
import type { Change } from '../../../contract/frame.ts';
import type { Readings } from '../../../contract/readings.ts';
import { OpenFile } from '../../kernel/files/open-file.ts';
import { readingsOf } from '../../kernel/files/parse.ts';
import { type BatchNews, ReadBatch } from '../../kernel/files/read-batch.ts';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import type { Group } from '../../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../../kernel/hierarchy/layout.ts';
import { inSlices } from '../../kernel/slices.ts';
import type { Members } from '../watch/members.ts';

/** Files read in one go: enough to make the way to the other thread cheap, few enough to parse without holding up an event. */
const BATCH_FILES = 1024;
/** Descriptors left for everything else: eventfds, sockets, launches. */
const RESERVED_DESCRIPTORS = 512;
const EVENTFDS_PER_GROUP = 4;
/** Groups whose files are opened before other work has its turn. */
const GROUPS_PER_SLICE = 10;
/** The same of files that are read one by one. */
const FILES_PER_SLICE = 250;

/** Writing one of these moves a process or a thread. */
const MEMBER_FILES = new Set(['cgroup.procs', 'tasks', 'cgroup.threads']);

/** Long, and on v1 stale while it is held: looked at only where somebody may have come or gone. */
function isMemberList({ format }: ControlFile): boolean {
  return format === 'lines';
}

interface GroupReader {
  readonly path: string;
  /** Read at every tick. */
  readonly files: OpenFile[];
  /** Read when they were written. */
  readonly written: OpenFile[];
  /** Lists of members, which are opened anew for each reading: read when something has happened in the group. */
  readonly members: OpenFile[];
}

function filesOf({ files, written, members }: GroupReader): OpenFile[] {
  return [...files, ...written, ...members];
}

export class Sampler {
  readonly #layout: Layout;
  readonly #maxDescriptors: number;
  readonly #known: (gid: number) => Readings | undefined;
  readonly #members: Members;
  readonly #toOpen = new Map<number, Group>();
  readonly #readers = new Map<number, GroupReader>();
  readonly #dirty = new Set<OpenFile>();
  /** Files that we write now, `gid file`, and how many times over. */
  readonly #beingWritten = new Map<string, number>();
  readonly #writtenMeanwhile = new Set<string>();
  readonly #batches = new Set<ReadBatch>();
  /** Where each file is read: its batch, or undefined for one that is read when it was written. */
  readonly #places = new Map<OpenFile, { readonly gid: number; readonly batch?: ReadBatch; readonly place?: number }>();
  #filling: ReadBatch | undefined;
  /** Somebody moved a process: the group it left hears nothing of it, so all are looked at. */
  #membersMoved = false;
  #held = 0;

  /**
   * @param maxDescriptors the process's limit on open descriptors
   * @param known a group's readings as the last frame left them: only what differs comes out
   */
  constructor(layout: Layout, maxDescriptors: number, known: (gid: number) => Readings | undefined, members: Members) {
    this.#layout = layout;
    this.#members = members;
    this.#known = known;
    this.#maxDescriptors = maxDescriptors;
  }

  /** The group is new, or has joined or left a hierarchy: its files are opened with the next reading. */
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

  /** Somebody wrote a file of the group (inotify): it is read at the next tick. */
  touched(gid: number, name: string): void {
    if (MEMBER_FILES.has(name)) this.#membersMoved = true;
    const file = this.#readers.get(gid)?.written.find((candidate) => candidate.file.name === name);
    if (file) this.#dirty.add(file);
  }

  /** Nobody notices what is written in this directory of the group: its files are read at the next tick. */
  touchedIn(gid: number | undefined, dir: string): void {
    const reader = gid === undefined ? undefined : this.#readers.get(gid);
    for (const file of [...(reader?.written ?? []), ...(reader?.members ?? [])]) if (dirname(file.path) === dir) this.#dirty.add(file);
  }

  /** While we write files of a group they are left alone: who writes knows what they say, and tells when it has been read back. */
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

  /** Reads everything again at the next tick, written or not: the safety net for notices that were lost. */
  touchAll(): void {
    for (const reader of this.#readers.values()) for (const file of reader.written) this.#dirty.add(file);
    this.#membersMoved = true;
  }

  /** Every sampled reading of one group, or those of some files, read now, whatever the tick knows. */
  readNow(group: Group, only?: ReadonlySet<string>): Readings {
    const readings: Readings = {};
    for (const { file, path } of this.#layout.sampled(group.path, (hierarchy) => group.in.has(hierarchy))) {
      if (only?.has(file.name) === false) continue;
      try {
        for (const [key, value] of readingsOf(file, readFileSync(onDisk(path)))) readings[key] = value;
      } catch {
        // Not there, or not for this group: absent.
      }
    }
    return readings;
  }

  /** Paths of all files that a tick reads, for the bench to read the same. */
  paths(): string[] {
    return [...this.#readers.values()].flatMap((reader) => reader.files.map((file) => file.path));
  }

  /** One reading of everything. A group that vanishes while it is read just has no readings: its removal comes by itself. */
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
    await inSlices([...this.#dirty], FILES_PER_SLICE, (file) => {
      const gid = this.#places.get(file)?.gid;
      if (this.#beingWritten.has(`${gid} ${file.file.name}`)) return;
      this.#dirty.delete(file);
      this.#readWhole(file, gid, changes);
    });
    // What we wrote after it had been read is announced by who wrote it.
    if (this.#writtenMeanwhile.size === 0) return changes;
    return changes.filter(([gid, key]) => !this.#writtenMeanwhile.has(`${gid} ${fileOfReading(key)}`));
  }

  /**
   * Who is inside changes with a fork or an exit, which no process does without using CPU time, or with a write to some
   * group's list, which inotify tells: then the list is read again, and not in a group where nothing has happened.
   */
  #findMembers(changes: readonly Change[]): void {
    const happened = new Set(changes.map(([gid]) => gid));
    for (const [gid, { members }] of this.#readers)
      if (this.#membersMoved || happened.has(gid)) for (const file of members) this.#dirty.add(file);
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

  /** In slices. What is gone of a group's files has no readings any more. */
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

  #open(group: Group): GroupReader {
    const reader: GroupReader = { path: group.path, files: [], written: [], members: [] };
    this.#readers.set(group.gid, reader);
    for (const { file, path } of this.#layout.sampled(group.path, (hierarchy) => group.in.has(hierarchy))) {
      const everyTick = !file.onlyWritten && !isMemberList(file);
      const hold = everyTick && this.#held + RESERVED_DESCRIPTORS + this.#readers.size * EVENTFDS_PER_GROUP < this.#maxDescriptors;
      const open = OpenFile.open(file, path, hold);
      if (!open) continue;
      if (open.fd >= 0) this.#held++;
      this.#places.set(open, { gid: group.gid, ...(everyTick ? this.#place(open, group.gid) : {}) });
      if (everyTick) reader.files.push(open);
      else {
        (file.onlyWritten ? reader.written : reader.members).push(open);
        this.#dirty.add(open);
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
      // A batch with nothing left to read goes; the holes in a half-empty one cost next to nothing.
      if (batch?.live === 0 && batch !== this.#filling) this.#batches.delete(batch);
      if (file.fd >= 0) this.#held--;
      file.close();
      this.#places.delete(file);
      this.#dirty.delete(file);
    }
  }
}
