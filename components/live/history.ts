// Ten minutes of readings for the groups that have charts: the agent’s history first, then each frame.
import type { CallAnswer } from '../../server/contract/calls.ts';
import type { Frame } from '../../server/contract/frame.ts';
import type { Problem } from '../../server/contract/problems.ts';
import type { ReadingValue } from '../../server/contract/readings.ts';
import { problemOf } from './api.ts';
import type { LiveGroups } from './groups.ts';
import { Watchers } from './watchers.ts';

export const HISTORY_MS = 600_000;

/** The wall clock counts as set if it moved by more than this against the monotonic one between two frames. */
const CLOCK_SET_MS = 1000;

/** Readings at one moment; unknown ones are absent. */
export type HistoryPoint = { readonly timeMs: number } & { readonly [key: string]: ReadingValue | undefined };

export interface History {
  readonly loading: boolean;
  readonly error?: Problem;
  /** Oldest first; a new array with every frame. */
  readonly points: readonly HistoryPoint[];
}

type Fetch = (params: { group: string; reading: string[] }) => Promise<CallAnswer<'history'>>;

export const NO_HISTORY: History = { loading: true, points: [] };

/** Rows from series that have only changes: a value is valid until the next point. */
export function joinSeries(series: CallAnswer<'history'>['series']): HistoryPoint[] {
  const changes = series.flatMap(({ reading, points }) => points.map(([timeMs, value]) => ({ timeMs, reading, value })));
  changes.sort((a, b) => a.timeMs - b.timeMs);
  const rows: Array<{ timeMs: number; [key: string]: ReadingValue }> = [];
  let row: { timeMs: number; [key: string]: ReadingValue } | undefined;
  for (const { timeMs, reading, value } of changes) {
    if (!row || row.timeMs !== timeMs) {
      row = { ...row, timeMs };
      rows.push(row);
    }
    row[reading] = value;
  }
  return rows;
}

interface Track {
  readonly path: string;
  readonly keys: readonly string[];
  inode: number | undefined;
  /** Raised with every request, so that a late answer to an old one is dropped. */
  asked: number;
  now: History;
  watches: number;
}

export class HistoryTracks {
  readonly #fetch: Fetch;
  readonly #tracks = new Map<string, Track>();
  readonly #watchers = new Watchers<string>();
  /** The wall clock minus the monotonic one, and the agent’s boot. */
  #clock: { readonly epoch: string; readonly aheadMs: number } | undefined;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  get(path: string, keys: readonly string[]): History {
    return this.#tracks.get(trackId(path, keys))?.now ?? NO_HISTORY;
  }

  watch(path: string, keys: readonly string[], listener: () => void): () => void {
    const id = trackId(path, keys);
    let track = this.#tracks.get(id);
    if (!track) {
      track = { path, keys, inode: undefined, asked: 0, now: NO_HISTORY, watches: 0 };
      this.#tracks.set(id, track);
      void this.#load(track);
    }
    const watched = track;
    watched.watches++;
    const end = this.#watchers.add(id, listener);
    return () => {
      end();
      watched.watches--;
      if (watched.watches === 0 && this.#tracks.get(id) === watched) this.#tracks.delete(id);
    };
  }

  /** Of a hidden page: the history goes on, and nobody is notified before it is shown. */
  pause(): void {
    this.#watchers.pause();
  }

  resume(): void {
    this.#watchers.resume();
  }

  onFrame(frame: Frame, groups: LiveGroups): void {
    const clockSet = this.#isClockSet(frame);
    for (const track of this.#tracks.values()) {
      const group = groups.get(track.path);
      if (!group) continue;
      const recreated = track.inode !== undefined && track.inode !== group.now.inode;
      track.inode = group.now.inode;
      if (recreated) this.#set(track, { loading: false, points: [] });
      // After a gap, or after the clock was set, the agent’s history has what is missing.
      else if ((frame.full || clockSet) && track.now.points.length > 0) void this.#load(track);
      const point: { timeMs: number; [key: string]: ReadingValue | undefined } = { timeMs: frame.timeMs };
      for (const key of track.keys) point[key] = group.readings[key];
      // Rows from the future were written before the clock was set back.
      const kept = track.now.points.filter(({ timeMs }) => timeMs >= frame.timeMs - HISTORY_MS && timeMs < frame.timeMs);
      this.#set(track, { ...track.now, points: [...kept, point] });
    }
  }

  /** Whether the agent's wall clock was set since the last frame. */
  #isClockSet({ epoch, timeMs, monoMs }: Frame): boolean {
    const before = this.#clock;
    this.#clock = { epoch, aheadMs: timeMs - monoMs };
    return before?.epoch === epoch && Math.abs(this.#clock.aheadMs - before.aheadMs) > CLOCK_SET_MS;
  }

  async #load(track: Track): Promise<void> {
    const asked = ++track.asked;
    try {
      const { series } = await this.#fetch({ group: track.path, reading: [...track.keys] });
      if (asked !== track.asked) return;
      const past = joinSeries(series);
      const lastMs = past.at(-1)?.timeMs ?? Number.NEGATIVE_INFINITY;
      this.#set(track, { loading: false, points: [...past, ...track.now.points.filter(({ timeMs }) => timeMs > lastMs)] });
    } catch (error) {
      // The chart continues with the stream, and shows why the past is missing.
      if (asked === track.asked) this.#set(track, { loading: false, error: problemOf(error), points: track.now.points });
    }
  }

  #set(track: Track, next: History): void {
    track.now = next;
    this.#watchers.notify(new Set([trackId(track.path, track.keys)]));
  }
}

function trackId(path: string, keys: readonly string[]): string {
  return `${path}\n${keys.join('\n')}`;
}
