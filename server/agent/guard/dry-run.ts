// What a guard would have done over the history that is there, without doing anything.
import type { CallAnswer } from '../../contract/calls.ts';
import type { GuardPlan, WouldHold } from '../../contract/guards.ts';
import { keysOf } from '../../contract/quantities.ts';
import { Trend } from '../../contract/trend.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import type { Series } from '../observe/sample/history.ts';
import type { Lines } from './guard-lines.ts';
import { type FactsParts, limitOf } from './hold-facts.ts';

/** Steps of a second. */
export interface PastSecond {
  /** Wall clock, ms. */
  readonly time: number;
  readonly usageBytes: number;
  /** Of the usage, what the kernel could have reclaimed. */
  readonly reclaimableBytes: number;
  /** The kernel killed in it at its own limit since the second before: between two readings it was full. */
  readonly killed?: boolean;
}

/** After a hold, the next one counts only once the group has used less than this part of what it was held at. */
const CALM_PART = 0.8;

/**
 * @param past oldest first
 * @param lineBytes undefined for a plan without a line, or without a limit that it could be a part of
 * @param limitBytes Infinity for none
 */
export function wouldHold(past: readonly PastSecond[], plan: GuardPlan, lineBytes: number | undefined, limitBytes: number): WouldHold[] {
  const trend = new Trend();
  const found: WouldHold[] = [];
  let calmBelow = Number.POSITIVE_INFINITY;
  for (const { time, usageBytes, reclaimableBytes, killed = false } of past) {
    const stays = usageBytes - reclaimableBytes;
    trend.add(time, stays);
    if (killed && lineBytes !== undefined && !Number.isFinite(calmBelow)) {
      found.push({ time, reason: 'line', usageBytes: Math.max(usageBytes, lineBytes) });
      calmBelow = lineBytes;
    }
    if (stays < calmBelow * CALM_PART) calmBelow = Number.POSITIVE_INFINITY;
    if (Number.isFinite(calmBelow)) continue;
    const secondsLeft = (limitBytes - stays) / (trend.growthPerSec ?? 0);
    const reason =
      lineBytes !== undefined && stays >= lineBytes ? 'line' : plan.growth && secondsLeft <= plan.growth.seconds ? 'growth' : undefined;
    if (reason === undefined) continue;
    found.push({ time, reason, usageBytes });
    calmBelow = stays;
  }
  return found;
}

const RECLAIMABLE = [
  'memory.stat:total_inactive_file',
  'memory.stat:total_active_file',
  'memory.stat:inactive_file',
  'memory.stat:active_file',
];

/** Increases where the group was full. */
const FULL = { kills: keysOf('oom-kills'), hits: keysOf('memory-limit-hits'), memswHits: keysOf('memsw-limit-hits') };

/** @param history series with a point for each second */
export function pastSeconds(history: (readings: readonly string[]) => readonly Series[]): PastSecond[] {
  const series = new Map(
    history([...keysOf('memory-usage'), ...RECLAIMABLE, ...Object.values(FULL).flat()]).map(({ reading, points }) => [
      reading,
      new Map(points),
    ]),
  );
  const usage = keysOf('memory-usage').flatMap((key) => series.get(key) ?? [])[0];
  if (!usage) return [];
  const isHierarchical = series.has('memory.stat:total_inactive_file');
  const parts = RECLAIMABLE.filter((key) => key.includes('total_') === isHierarchical).flatMap((key) => series.get(key) ?? []);
  const grew = (keys: readonly string[]) => {
    const counter = keys.flatMap((key) => series.get(key) ?? [])[0];
    let last: number | undefined;
    return (time: number) => {
      const now = Number(counter?.get(time) ?? last ?? 0);
      const more = last !== undefined && now > last;
      last = now;
      return more;
    };
  };
  const [kills, hits, memswHits] = [grew(FULL.kills), grew(FULL.hits), grew(FULL.memswHits)];
  return [...usage].map(([time, value]) => {
    const [hasKilled, ...full] = [kills(time), hits(time), memswHits(time)];
    return {
      time,
      usageBytes: Number(value),
      reclaimableBytes: parts.reduce((sum, part) => sum + Number(part.get(time) ?? 0), 0),
      ...(hasKilled && full.includes(true) ? { killed: true } : {}),
    };
  });
}

export function dryRun(
  { observer, guard }: Pick<FactsParts, 'observer' | 'guard'>,
  { gid, path }: Group,
  plan: GuardPlan,
  lines: Lines,
): CallAnswer<'tryGuard'> {
  const { freezeAtBytes: lineBytes, why } = lines;
  const limit = limitOf(observer, path, observer.readings(path) ?? {}, (group) => guard.recordOf(group)).value;
  const past = pastSeconds((readings) => observer.history(gid, { readings, step: 1 }));
  return {
    group: path,
    since: past[0]?.time ?? Date.now(),
    ...(lineBytes === undefined ? {} : { lineBytes }),
    ...(why.length > 0 ? { sentence: why.join(' ') } : {}),
    would: wouldHold(past, plan, lineBytes, limit === 'max' ? Number.POSITIVE_INFINITY : limit),
  };
}
