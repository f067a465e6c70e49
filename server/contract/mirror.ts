// The state of all groups, kept by applying frames: in the agent (for full frames), the web process and the browser.
import { type Column, Columns } from './columns.ts';
import type { Frame, FrameHead, GroupEntry } from './frame.ts';
import type { Readings } from './readings.ts';

export interface MirrorGroup {
  entry: GroupEntry;
  readings: Readings;
  /** Monotonic ms of the last frame that changed any of its readings. */
  changedMonoMs: number;
}

export class GroupMirror {
  /** The last frame's header; undefined before the first. */
  head: FrameHead | undefined;
  readonly groups = new Map<number, MirrorGroup>();
  readonly #gidByPath = new Map<string, number>();

  byPath(path: string): MirrorGroup | undefined {
    const gid = this.#gidByPath.get(path);
    return gid === undefined ? undefined : this.groups.get(gid);
  }

  /** @returns false if the frame does not follow the last one (a gap, or another epoch): a full one is needed */
  apply(frame: Frame): boolean {
    const { groups, removed, columns, detail, adds, ...head } = frame;
    if (frame.full) {
      this.groups.clear();
      this.#gidByPath.clear();
    } else if (!this.head || head.epoch !== this.head.epoch || head.seq !== this.head.seq + (adds ? 0 : 1)) {
      return false;
    }
    this.head = head;
    for (const gid of removed) this.#remove(gid);
    for (const entry of groups) this.#add(entry, frame.monoMs);
    for (const column of columns) this.#change(column, frame.monoMs);
    for (const column of detail?.columns ?? []) this.#change(column, frame.monoMs);
    return true;
  }

  /** The whole state as one full frame, for a new client, with all readings or those of some keys. */
  full(isWanted: (key: string) => boolean = () => true): Frame | undefined {
    if (!this.head) return undefined;
    const groups: GroupEntry[] = [];
    const columns = new Columns();
    for (const { entry, readings } of this.groups.values()) {
      groups.push(entry);
      for (const key in readings) if (isWanted(key)) columns.add(entry.gid, key, readings[key] ?? null);
    }
    return { ...this.head, full: true, groups, removed: [], columns: columns.all };
  }

  #remove(gid: number): void {
    const group = this.groups.get(gid);
    if (!group) return;
    this.groups.delete(gid);
    if (this.#gidByPath.get(group.entry.path) === gid) this.#gidByPath.delete(group.entry.path);
  }

  #add(entry: GroupEntry, monoMs: number): void {
    const known = this.groups.get(entry.gid);
    if (known) {
      known.entry = entry;
      return;
    }
    this.groups.set(entry.gid, { entry, readings: {}, changedMonoMs: monoMs });
    this.#gidByPath.set(entry.path, entry.gid);
  }

  #change({ key, gids, values }: Column, monoMs: number): void {
    for (let i = 0; i < gids.length; i++) {
      const group = this.groups.get(gids[i] ?? 0);
      if (!group) continue;
      const value = values[i] ?? null;
      if (value === null) delete group.readings[key];
      else group.readings[key] = value;
      group.changedMonoMs = monoMs;
    }
  }
}
