// From what a tick has read to a frame: the groups that are new or gone, the changed readings, and what is kept of them.
import { type Change, encodeFrame, type GroupEntry, type TickHealth } from '../../contract/frame.ts';
import { GroupMirror } from '../../contract/mirror.ts';
import type { ReadingValue } from '../../contract/readings.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import type { Reporter } from './reporter.ts';
import { History, type HistoryQuery } from './sample/history.ts';

const TRIM_EVERY_MS = 10_000;

export interface PublisherOptions {
  readonly host: string;
  readonly epoch: string;
  readonly entryOf: (group: Group) => GroupEntry;
  readonly reporter: Pick<Reporter, 'ticked'>;
}

export class Publisher {
  readonly mirror = new GroupMirror();
  readonly #options: PublisherOptions;
  readonly #history = new History();
  /** New, or with another entry, since the last frame. */
  #entered = new Map<number, Group>();
  #removed: number[] = [];
  /** What we know since the last frame without having read it, by group and key. */
  #announced = new Map<string, Change>();
  #send: ((bytes: Uint8Array) => void) | undefined;
  #seq = 0;
  #trimmedMs = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  onFrame(listener: (bytes: Uint8Array) => void): void {
    this.#send = listener;
  }

  /** The group is new, or its entry has changed. */
  entered(group: Group): void {
    this.#entered.set(group.gid, group);
  }

  removed({ gid }: Group): void {
    this.#entered.delete(gid);
    this.#removed.push(gid);
    this.#history.remove(gid);
  }

  /** Readings that we know without a tick, since we wrote them: the next tick finds no change in them. */
  known({ gid }: Group, readings: readonly (readonly [key: string, value: ReadingValue])[]): void {
    const known = this.mirror.groups.get(gid)?.readings;
    // Of a group that is new, the first tick reads everything.
    if (!known) return;
    for (const [key, value] of readings) {
      known[key] = value;
      this.#announced.set(`${gid} ${key}`, [gid, key, value]);
    }
  }

  /** The last state as one full frame, for a link that begins. */
  fullFrame(): Uint8Array | undefined {
    const full = this.mirror.full();
    return full && encodeFrame(full);
  }

  history(gid: number, query: HistoryQuery): ReturnType<History['query']> {
    return this.#history.query(gid, query, { timeMs: Date.now(), monoMs: performance.now() });
  }

  publish(read: readonly Change[], tick: TickHealth): void {
    const { host, epoch, entryOf, reporter } = this.#options;
    const entered = this.#entered;
    // Readings of a group that was removed while they were read: a new group of its name must not inherit them.
    const gone = new Set(this.#removed);
    const isThere = ([gid]: Change) => !gone.has(gid);
    const found = gone.size === 0 ? read : read.filter(isThere);
    const changes = [...[...this.#announced.values()].filter(isThere), ...found];
    this.#announced = new Map();
    const frame = {
      host,
      epoch,
      seq: ++this.#seq,
      timeMs: Date.now(),
      monoMs: performance.now(),
      full: this.#seq === 1,
      tick,
      groups: [...entered.values()].map(entryOf),
      removed: this.#removed,
      changes,
    };
    this.#entered = new Map();
    this.#removed = [];
    const { groups } = this.mirror;
    reporter.ticked(
      found,
      (gid) => groups.get(gid)?.entry.path ?? entered.get(gid)?.path,
      (gid) => groups.get(gid)?.readings,
    );
    this.mirror.apply(frame);
    this.#history.note(frame.monoMs, changes);
    if (frame.monoMs - this.#trimmedMs > TRIM_EVERY_MS) {
      this.#trimmedMs = frame.monoMs;
      this.#history.trim(frame.monoMs);
    }
    this.#send?.(encodeFrame(frame));
  }
}
