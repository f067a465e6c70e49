// Makes a frame of each tick (new and removed groups, changed readings), and keeps the mirror, the history and the forecasts.
import { columnsOf } from '../../contract/columns.ts';
import { type Change, encodeFrame, type GroupEntry, type TickHealth } from '../../contract/frame.ts';
import { GroupMirror } from '../../contract/mirror.ts';
import type { Readings, ReadingValue } from '../../contract/readings.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import { Forecasts } from './forecasts.ts';
import type { Reporter } from './reporter.ts';
import { History, type HistoryQuery } from './sample/history.ts';
import type { Cause } from './sample/sampled-group.ts';

/** Groups that were removed in the last seconds, which a report may be about. */
const GONE_KEPT = 500;
const GONE_KEPT_MS = 10_000;

/** A group's last readings, and its number in the history. */
export interface Past {
  readonly gid: number;
  readonly readings: Readings;
}

export interface PublisherOptions {
  readonly host: string;
  readonly epoch: string;
  readonly entryOf: (group: Group) => GroupEntry;
  readonly reporter: Pick<Reporter, 'ticked' | 'report'>;
  /** Of a file that changes only when it is written: how it came that this tick read it. */
  readonly causeOf: (gid: number, file: string) => Cause;
  /** Warns of a limit that is met within this; 0: never. */
  readonly forecastSec: number;
}

export class Publisher {
  readonly mirror = new GroupMirror();
  readonly #options: PublisherOptions;
  readonly #history = new History();
  readonly forecasts: Forecasts;
  /** New, or with another entry, since the last frame. */
  #entered = new Map<number, Group>();
  #removed: number[] = [];
  /** By path, oldest first. */
  readonly #gone = new Map<string, Past & { readonly goneMs: number }>();
  /** Readings that we wrote since the last frame, by group and key. */
  #written = new Map<string, Change>();
  #send: ((bytes: Uint8Array) => void) | undefined;
  #seq = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
    const { forecastSec: thresholdSec, reporter } = options;
    this.forecasts = new Forecasts({ thresholdSec, mirror: this.mirror, report: (event) => reporter.report(event) });
  }

  onFrame(listener: (bytes: Uint8Array) => void): void {
    this.#send = listener;
  }

  /** The group is new, or its entry has changed. */
  entered(group: Group): void {
    this.#entered.set(group.gid, group);
  }

  removed({ gid, path }: Group): void {
    this.#entered.delete(gid);
    this.#removed.push(gid);
    const before = this.#gone.get(path);
    if (before) this.#history.remove(before.gid);
    this.#gone.delete(path);
    this.#gone.set(path, { gid, readings: this.mirror.groups.get(gid)?.readings ?? {}, goneMs: performance.now() });
    this.#forgetGone();
  }

  /** A group that was removed a moment ago. */
  gone(path: string): Past | undefined {
    return this.#gone.get(path);
  }

  #forgetGone(): void {
    for (const [path, { gid, goneMs }] of this.#gone) {
      if (this.#gone.size <= GONE_KEPT && performance.now() - goneMs < GONE_KEPT_MS) break;
      this.#gone.delete(path);
      this.#history.remove(gid);
    }
  }

  /** Readings that we wrote, so that the next tick finds no change in them. */
  known({ gid }: Group, readings: readonly (readonly [key: string, value: ReadingValue])[]): void {
    const known = this.mirror.groups.get(gid)?.readings;
    // The first tick reads everything of a new group.
    if (!known) return;
    for (const [key, value] of readings) {
      known[key] = value;
      this.#written.set(`${gid} ${key}`, [gid, key, value]);
    }
  }

  /** The last state as one full frame, for a new connection. */
  fullFrame(): Uint8Array | undefined {
    const full = this.mirror.full();
    return full && encodeFrame(full);
  }

  history(gid: number, query: HistoryQuery): ReturnType<History['query']> {
    return this.#history.query(gid, query, { timeMs: Date.now(), monoMs: performance.now() });
  }

  publish(read: readonly Change[], tick: TickHealth): void {
    const { host, epoch, entryOf, reporter, causeOf } = this.#options;
    const entered = this.#entered;
    // Drops readings of groups removed during the tick: a new group of the name must not inherit them.
    const removed = new Set(this.#removed);
    const exists = ([gid]: Change) => !removed.has(gid);
    const found = removed.size === 0 ? read : read.filter(exists);
    const changes = [...[...this.#written.values()].filter(exists), ...found];
    this.#written = new Map();
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
      columns: columnsOf(changes),
    };
    this.#entered = new Map();
    this.#removed = [];
    const { groups } = this.mirror;
    reporter.ticked(
      found,
      (gid) => groups.get(gid)?.entry.path ?? entered.get(gid)?.path,
      (gid) => groups.get(gid)?.readings,
      causeOf,
    );
    this.mirror.apply(frame);
    this.#history.add(frame.monoMs, changes);
    this.#history.trim(frame.monoMs);
    this.#forgetGone();
    this.#send?.(encodeFrame(frame));
    this.forecasts.ticked(changes, frame.monoMs);
  }
}
