// What the deck shows of one group, computed from its readings: limits, headroom, growth, CPU, pressure.
import { splitControllers, versionOf } from '../../server/contract/controller.ts';
import { chargedTo, cpuPercent, effectiveMeasure, limitHits, memoryUsage } from '../../server/contract/derive.ts';
import { forecastOf, machineRoom, roundedSeconds } from '../../server/contract/forecast.ts';
import { amountOf } from '../../server/contract/quantities.ts';
import type { Readings } from '../../server/contract/readings.ts';
import type { HeldGroup } from '../guard/held.ts';
import type { GroupLive, Spark } from '../live/group-live.ts';
import { recentlyOom, recentPressure, type Trouble } from '../live/trouble.ts';

function number(readings: Readings, key: string): number | undefined {
  const value = readings[key];
  return typeof value === 'number' ? value : undefined;
}

/** The hard limit that is hit first: the one with the least room left, which need not be the lowest. */
export function tightestLimit(
  path: string,
  readingsOf: (path: string) => Readings | undefined,
): { group: string; headroomBytes: number } | undefined {
  let tightest: { group: string; headroomBytes: number } | undefined;
  for (const group of chargedTo(path, readingsOf)) {
    const readings = readingsOf(group) ?? {};
    const limit = amountOf('memory-hard-limit', readings);
    const usage = amountOf('memory-usage', readings);
    if (limit === undefined || usage === undefined) continue;
    const headroomBytes = Math.max(0, limit - usage);
    if (!tightest || headroomBytes < tightest.headroomBytes) tightest = { group, headroomBytes };
  }
  return tightest;
}

export interface Around {
  readonly readingsOf: (path: string) => Readings | undefined;
  readonly spark: Spark | undefined;
  /** How fast a group's demand for memory grows, in bytes per second. */
  readonly growthOf: (path: string) => number | undefined;
  readonly trouble: Trouble;
  /** Its own or that of a group above it. */
  readonly hold: Pick<HeldGroup, 'group' | 'decidesAt'> | undefined;
  /** Wall-clock ms of the last tick. */
  readonly nowMs: number;
}

export function measure(live: GroupLive, { readingsOf, spark, growthOf, trouble, hold, nowMs }: Around) {
  const { entry, readings } = live;
  const tightest = tightestLimit(entry.path, readingsOf);
  const ahead = forecastOf(entry.path, readingsOf, growthOf);
  const hierarchies = splitControllers(entry.controllers);
  return {
    path: entry.path,
    inode: entry.inode,
    managed: entry.managed,
    /** Holds cgdeck itself or pid 1. */
    self: entry.self,
    /** The cgroup version that counts its memory. */
    memory: versionOf('memory', hierarchies),
    /** The cgroup version that freezes it. */
    freezer: versionOf('freezer', hierarchies),
    state: live.state,
    /** Stopped by a guard, its own or that of a group above it. */
    held: hold && (hold.group === entry.path ? ('itself' as const) : ('above' as const)),
    /** Until its guard's steps decide. */
    decidesInSec: hold?.group === entry.path ? Math.max(0, Math.ceil((hold.decidesAt - nowMs) / 1000)) : undefined,
    /** A held group of v1 is it in the kernel's words, since its guard switched the killer off. */
    underOom: hold === undefined && amountOf('under-oom', readings) === 1,
    /** An oom or oom_kill within the last minute. */
    oomLately: recentlyOom(trouble, nowMs),
    pressure: recentPressure(trouble, nowMs),
    usageBytes: memoryUsage(readings),
    peakBytes: amountOf('memory-peak', readings),
    /** Its own limits; undefined for none or "max". */
    softBytes: amountOf('memory-soft-limit', readings),
    hardBytes: amountOf('memory-hard-limit', readings),
    /** What is protected from reclaim (v2). */
    protectedBytes: amountOf('memory-protection', readings),
    /** The lowest hard limit from the group up to the root. */
    effective: effectiveMeasure(entry.path, 'memory-hard-limit', readingsOf),
    /** What can be charged before the first hard limit from here to the root is hit, and the group that has this limit. */
    headroomBytes: tightest?.headroomBytes ?? machineRoom(readings)?.available,
    bindingGroup: tightest?.group,
    /** When the first limit is met if the last minute's growth goes on, in rounded seconds; that limit's group, and its control file. */
    fullInSec: ahead && roundedSeconds(ahead.secondsLeft),
    fullGroup: ahead?.limitGroup,
    fullFile: ahead?.file,
    growthPerSec: spark?.growthPerSec(),
    cpuPercent: cpuPercent(live.before, live.now),
    tasks: amountOf('tasks', readings),
    /** Processes in the group itself. */
    processes: amountOf('processes', readings),
    /** How often its own hard limit was hit. */
    limitHits: limitHits(readings),
    /** PSI: percent of the last 10 s in which some task waited. */
    psiMemory: number(readings, 'memory.pressure:some.avg10'),
    psiCpu: number(readings, 'cpu.pressure:some.avg10'),
    psiIo: number(readings, 'io.pressure:some.avg10'),
  };
}

export type Measures = Readonly<ReturnType<typeof measure>>;

export function sameMeasures(a: Measures, b: Measures): boolean {
  for (const key of Object.keys(a) as Array<keyof Measures>) {
    if (key === 'effective') {
      if (a.effective.value !== b.effective.value || a.effective.group !== b.effective.group) return false;
    } else if (a[key] !== b[key]) return false;
  }
  return true;
}

/** Less than a tenth of the binding limit is left; a held group has met its line already. */
export function nearLimit({ headroomBytes, usageBytes, held }: Measures): boolean {
  return held === undefined && headroomBytes !== undefined && usageBytes !== undefined && headroomBytes < (headroomBytes + usageBytes) / 10;
}
