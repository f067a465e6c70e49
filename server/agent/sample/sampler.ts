// Reads all groups: held descriptors in batches on a thread of the pool, parsed here, only what changed comes out.
import { readFileSync } from 'node:fs';
import type { Change } from '../../contract/frame.ts';
import { sampledFiles } from '../../contract/readings.ts';
import { readMany } from '../../../native/libc.ts';
import type { Group } from '../hierarchy/group-tree.ts';
import type { Layout } from '../hierarchy/layout.ts';
import { OpenFile } from './open-file.ts';

/** Control files are small; one that fills this is read again whole. */
const EACH_BYTES = 8192;
const BATCH_FILES = 512;
/** In a batch most files are a few digits long; when it fills up all the same, the rest goes into the next one. */
const BATCH_BYTES = 512 * 1024;
/** Descriptors left for everything else: eventfds, sockets, launches. */
const RESERVED_DESCRIPTORS = 512;
const EVENTFDS_PER_GROUP = 4;

interface GroupReader {
  readonly group: Group;
  /** Read at every tick. */
  files: OpenFile[];
  /** Read when they were written. */
  written: OpenFile[];
}

interface Batch {
  readonly files: { readonly gid: number; readonly file: OpenFile }[];
  readonly fds: Int32Array;
}

export class Sampler {
  readonly #layout: Layout;
  readonly #maxDescriptors: number;
  readonly #readers = new Map<number, GroupReader>();
  readonly #dirty = new Set<OpenFile>();
  readonly #lengths = new Int32Array(BATCH_FILES);
  readonly #buffer = Buffer.alloc(BATCH_BYTES);
  /** Batches of held files, built anew when a group comes or goes. */
  #batches: Batch[] | undefined;
  #unheld: { gid: number; file: OpenFile }[] = [];
  #gidOf = new Map<OpenFile, number>();
  #held = 0;

  /** @param maxDescriptors the process's limit on open descriptors */
  constructor(layout: Layout, maxDescriptors: number) {
    this.#layout = layout;
    this.#maxDescriptors = maxDescriptors;
  }

  add(group: Group): void {
    const reader: GroupReader = { group, files: [], written: [] };
    this.#readers.set(group.gid, reader);
    this.#open(reader);
  }

  /** The group joined or left a hierarchy: its files are opened anew. @returns changes for readings that are gone */
  change(group: Group): Change[] {
    const changes: Change[] = [];
    const reader = this.#readers.get(group.gid);
    if (!reader) return changes;
    const before = [...reader.files, ...reader.written];
    this.#open(reader);
    const now = new Set([...reader.files, ...reader.written].map((file) => file.file.name));
    for (const file of before) if (!now.has(file.file.name)) file.absent((key, value) => changes.push([group.gid, key, value]));
    this.#closeAll(before);
    return changes;
  }

  remove(group: Group): void {
    const reader = this.#readers.get(group.gid);
    if (!reader) return;
    this.#closeAll([...reader.files, ...reader.written]);
    this.#readers.delete(group.gid);
  }

  /** Somebody wrote a file of the group (inotify): it is read at the next tick. */
  touched(gid: number, name: string): void {
    const file = this.#readers.get(gid)?.written.find((candidate) => candidate.file.name === name);
    if (file) this.#dirty.add(file);
  }

  /** Reads everything again at the next tick, written or not: the safety net for notices that were lost. */
  touchAll(): void {
    for (const reader of this.#readers.values()) for (const file of reader.written) this.#dirty.add(file);
  }

  /** Paths of all files that a tick reads, for the bench to read the same. */
  paths(): string[] {
    return [...this.#readers.values()].flatMap((reader) => reader.files.map((file) => file.path));
  }

  /** One reading of everything. A group that vanishes while it is read just has no readings: its removal comes by itself. */
  async read(): Promise<Change[]> {
    const changes: Change[] = [];
    for (const batch of this.#plan()) await this.#readBatch(batch, changes);
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const file of dirty) this.#readWhole(file, this.#gidOf.get(file), changes);
    for (const { gid, file } of this.#unheld) this.#readWhole(file, gid, changes);
    return changes;
  }

  async #readBatch(batch: Batch, changes: Change[]): Promise<void> {
    for (let from = 0; from < batch.files.length; ) {
      const read = await readMany(batch.fds.subarray(from), this.#buffer, EACH_BYTES, this.#lengths);
      let at = 0;
      for (let i = 0; i < read; i++) {
        const entry = batch.files[from + i];
        const length = this.#lengths[i] ?? 0;
        if (!entry) continue;
        const { gid, file } = entry;
        // A descriptor that was closed meanwhile may already be another file's: what it gave is not looked at.
        if (!this.#gidOf.has(file)) {
          at += Math.max(0, length);
          continue;
        }
        if (length === EACH_BYTES) this.#readWhole(file, gid, changes);
        else if (length >= 0) file.take(this.#buffer, at, at + length, (key, value) => changes.push([gid, key, value]));
        else file.absent((key, value) => changes.push([gid, key, value]));
        at += Math.max(0, length);
      }
      from += read;
    }
  }

  #readWhole(file: OpenFile, gid: number | undefined, changes: Change[]): void {
    if (gid === undefined) return;
    const emit = (key: string, value: Change[2]) => changes.push([gid, key, value]);
    try {
      const bytes = readFileSync(file.path);
      file.take(bytes, 0, bytes.length, emit);
    } catch {
      file.absent(emit);
    }
  }

  #open(reader: GroupReader): void {
    const { group } = reader;
    reader.files = [];
    reader.written = [];
    for (const file of sampledFiles) {
      if (group.path === '/' && file.notInRoot) continue;
      const path = this.#layout.filePath(group.path, file.name, (hierarchy) => group.in.has(hierarchy));
      if (path === undefined) continue;
      const hold = file.onlyWritten !== true && this.#held + RESERVED_DESCRIPTORS + this.#readers.size * EVENTFDS_PER_GROUP < this.#maxDescriptors;
      const open = OpenFile.open(file, path, hold);
      if (!open) continue;
      if (open.fd >= 0) this.#held++;
      this.#gidOf.set(open, group.gid);
      if (file.onlyWritten) {
        reader.written.push(open);
        this.#dirty.add(open);
      } else reader.files.push(open);
    }
    this.#batches = undefined;
  }

  #closeAll(files: readonly OpenFile[]): void {
    for (const file of files) {
      if (file.fd >= 0) this.#held--;
      file.close();
      this.#gidOf.delete(file);
      this.#dirty.delete(file);
    }
    this.#batches = undefined;
  }

  #plan(): Batch[] {
    if (this.#batches) return this.#batches;
    const batches: Batch[] = [];
    const held: Batch['files'] = [];
    this.#unheld = [];
    for (const { group, files } of this.#readers.values()) {
      for (const file of files) (file.fd >= 0 ? held : this.#unheld).push({ gid: group.gid, file });
    }
    for (let at = 0; at < held.length; at += BATCH_FILES) {
      const files = held.slice(at, at + BATCH_FILES);
      batches.push({ files, fds: Int32Array.from(files, ({ file }) => file.fd) });
    }
    this.#batches = batches;
    return batches;
  }
}
