// Follows the growth of each group that changes, and warns once when one is about to meet a limit.

import type { NewEvent } from '../../contract/events.ts';
import { demandBytes, demandKeys, type Forecast, forecastOf, isLimited, limitKeys } from '../../contract/forecast.ts';
import type { Change } from '../../contract/frame.ts';
import type { GroupMirror, MirrorGroup } from '../../contract/mirror.ts';
import { isWithin } from '../../contract/paths.ts';
import type { Readings } from '../../contract/readings.ts';
import { Trend } from '../../contract/trend.ts';

/** A warning is over when this many times its threshold is left. */
const OVER = 2;
/** Or when there has been no trend for so long: one that is near to noise comes and goes. */
const ENDED_MS = 10_000;
/** The rest waits for the next second. */
const EVENTS_PER_SEC = 10;

const CHANGED = new Set([...demandKeys, 'meminfo:MemAvailable']);

interface Watched {
  readonly trend: Trend;
  /** Whether it or an ancestor has a limit, as of `#limits`. */
  limited: boolean;
  limitsSeen: number;
  warned: { readonly limit: string; sinceMs: number } | undefined;
}

export interface ForecastsOptions {
  /** Warns of a limit that is met within this; 0: never. */
  readonly thresholdSec: number;
  readonly mirror: Pick<GroupMirror, 'groups' | 'byPath'>;
  readonly report: (event: NewEvent) => void;
}

interface Warning {
  readonly watched: Watched;
  readonly group: string;
  readonly forecast: Forecast;
}

export class Forecasts {
  readonly #options: ForecastsOptions;
  /** Groups whose memory changed within the last minute. */
  readonly #watched = new Map<number, Watched>();
  /** Groups that were read before: the first readings of thousands that are found at once are no growth. */
  readonly #read = new WeakSet<MirrorGroup>();
  /** Raised when a limit or a group changed. */
  #limits = 0;
  #secondMs = Number.NEGATIVE_INFINITY;
  #inSecond = 0;

  constructor(options: ForecastsOptions) {
    this.#options = options;
  }

  /** The limit that the group will meet at its present growth; undefined without a trend. */
  of(path: string): Forecast | undefined {
    return forecastOf(path, this.#readingsOf, this.#growthOf);
  }

  /**
   * Call it when the mirror has the changes.
   * @param monoMs when they were read
   */
  ticked(changes: readonly Change[], monoMs: number): void {
    const first: MirrorGroup[] = [];
    for (const [gid, key] of changes) {
      if (limitKeys.has(key)) this.#limits++;
      if (!CHANGED.has(key) || this.#watched.has(gid)) continue;
      const group = this.#options.mirror.groups.get(gid);
      if (group && this.#read.has(group)) this.#watched.set(gid, { trend: new Trend(), limited: false, limitsSeen: -1, warned: undefined });
      else if (group) first.push(group);
    }
    for (const group of first) this.#read.add(group);
    const near: Warning[] = [];
    for (const [gid, watched] of this.#watched) {
      const group = this.#options.mirror.groups.get(gid);
      const demand = group && demandBytes(group.readings);
      if (!group || demand === undefined) {
        this.#watched.delete(gid);
        continue;
      }
      watched.trend.add(monoMs, demand);
      if (watched.trend.isIdle) this.#watched.delete(gid);
      else if (this.#options.thresholdSec > 0) this.#check(watched, group, monoMs, near);
    }
    if (near.length > 0) this.#warn(near, monoMs);
  }

  #check(watched: Watched, { entry: { path } }: MirrorGroup, monoMs: number, near: Warning[]): void {
    const forecast = this.#isLimited(watched, path) ? this.of(path) : undefined;
    const { thresholdSec } = this.#options;
    const { warned } = watched;
    if (warned) {
      if (forecast) warned.sinceMs = monoMs;
      const isOver = forecast ? forecast.secondsLeft > OVER * thresholdSec : monoMs - warned.sinceMs >= ENDED_MS;
      if (isOver) watched.warned = undefined;
    } else if (forecast && forecast.secondsLeft <= thresholdSec) near.push({ watched, group: path, forecast });
  }

  /** One warning for a limit, of the group that grows: neither of those above it, nor of those that grow little. */
  #warn(near: readonly Warning[], monoMs: number): void {
    const warnedOf = this.#warnedGroups();
    for (const { watched, group, forecast } of near.toSorted((a, b) => b.group.length - a.group.length)) {
      const limit = `${forecast.limitGroup} ${forecast.file ?? ''}`;
      const known = warnedOf.get(limit) ?? [];
      if (known.some((other) => isWithin(other, group) || isWithin(group, other))) continue;
      if ((watched.trend.growthPerSec ?? 0) < forecast.bytesPerSec / 2) continue;
      if (!this.#hasTurn(monoMs)) return;
      watched.warned = { limit, sinceMs: monoMs };
      warnedOf.set(limit, [...known, group]);
      const { limitGroup, file, secondsLeft, headroomBytes, bytesPerSec } = forecast;
      this.#options.report({
        ...{ kind: 'forecast', group, time: Date.now(), limitGroup, ...(file === undefined ? {} : { file }) },
        ...{
          secondsLeft: Math.round(secondsLeft * 10) / 10,
          headroomBytes: Math.round(headroomBytes),
          bytesPerSec: Math.round(bytesPerSec),
        },
      });
    }
  }

  #warnedGroups(): Map<string, readonly string[]> {
    const groups = new Map<string, readonly string[]>();
    for (const [gid, { warned }] of this.#watched) {
      const path = this.#options.mirror.groups.get(gid)?.entry.path;
      if (warned && path !== undefined) groups.set(warned.limit, [...(groups.get(warned.limit) ?? []), path]);
    }
    return groups;
  }

  #hasTurn(monoMs: number): boolean {
    if (monoMs - this.#secondMs >= 1000) {
      this.#secondMs = monoMs;
      this.#inSecond = 0;
    }
    return ++this.#inSecond <= EVENTS_PER_SEC;
  }

  /** Of the machine, always. */
  #isLimited(watched: Watched, path: string): boolean {
    if (watched.limitsSeen !== this.#limits) {
      watched.limitsSeen = this.#limits;
      watched.limited = path === '/' || isLimited(path, this.#readingsOf);
    }
    return watched.limited;
  }

  readonly #readingsOf = (path: string): Readings | undefined => this.#options.mirror.byPath(path)?.readings;

  readonly #growthOf = (path: string): number | undefined => {
    const gid = this.#options.mirror.byPath(path)?.entry.gid;
    return gid === undefined ? undefined : this.#watched.get(gid)?.trend.growthPerSec;
  };
}
