// Makes events of what the kernel signals, what other programs write, and what is found later.

import { victimsOf } from '../../contract/event-facts.ts';
import type { PressureLevel } from '../../contract/event-kinds.ts';
import type { Event, NewEvent, Victim } from '../../contract/events.ts';
import type { Change } from '../../contract/frame.ts';
import { isWithin, lineage } from '../../contract/paths.ts';
import type { PressureResource } from '../../contract/pressure.ts';
import { keysOf } from '../../contract/quantities.ts';
import type { Readings } from '../../contract/readings.ts';
import { monotonicMs, realClock } from '../kernel/clock.ts';
import type { EventLog } from '../state/event-log.ts';
import { changedFiles } from './changed-files.ts';
import { GroupStates } from './group-states.ts';
import type { Cause } from './sample/sampled-group.ts';
import { type CountedKill, KillCounts } from './watch/kill-counts.ts';
import type { Members } from './watch/members.ts';
import { type OomBurst, OomBursts } from './watch/oom-bursts.ts';
import type { OomKill } from './watch/oom-lines.ts';
import { SignalMerge } from './watch/signal-merge.ts';
import { Turns } from './watch/turns.ts';
import type { UnifiedNotices } from './watch/unified-watch.ts';

/** Kills in the group itself: on v2 memory.events counts those of groups below as well. */
const OOM_KILLS = new Set(keysOf('oom-kills'));

/** To each client; the rest waits for its turn, and merges meanwhile. */
const OOM_EVENTS_PER_SEC = 25;
const OTHER_MERGED_PER_SEC = 20;

type Kill = Extract<NewEvent, { kind: 'oom_kill' }>;
/** An event that stands for `count` signals; without `time` until it is reported. */
type Counted = Extract<NewEvent, { kind: 'pressure' | 'threshold' | 'empty' }>;

interface Signal<E> {
  readonly group: string;
  readonly event: E;
  /** When the last of the merged signals woke us; undefined if there was none. */
  readonly wokeMs: number | undefined;
}

export class Reporter {
  readonly #log: EventLog;
  readonly #members: Members;
  readonly #counts = new KillCounts();
  readonly #turns = [new Turns(realClock, OOM_EVENTS_PER_SEC), new Turns(realClock, OTHER_MERGED_PER_SEC)] as const;
  readonly #signals: SignalMerge<Signal<Counted>>;
  readonly #kills: SignalMerge<Signal<Kill>>;
  readonly #bursts: OomBursts;
  readonly states = new GroupStates((event, wokeMs) => this.report(event, wokeMs));

  constructor(log: EventLog, members: Members) {
    this.#log = log;
    this.#members = members;
    const clock = realClock;
    const emit = ({ event, wokeMs }: Signal<NewEvent>) => void this.report({ ...event, time: Date.now() }, wokeMs);
    const [oomTurns, turns] = this.#turns;
    this.#signals = new SignalMerge({ clock, turns, add: addCounts, emit });
    this.#kills = new SignalMerge({ clock, turns: oomTurns, add: addKills, emit });
    this.#bursts = new OomBursts({
      clock,
      turns: oomTurns,
      wallMs: Date.now,
      // A later version is not as late as the burst is old: it has the latency of the first.
      emit: (burst) => this.report(burstEvent(burst), burst.first ? undefined : burst.wokeMs),
    });
  }

  /** Whether a guard stops the group when it has no memory left: that is no OOM, and the groups below it are stopped with it. */
  isGuarded: (group: string) => boolean = () => false;

  /** Called when the kernel log names a kill: groups' counters show where it was. */
  onKill: () => void = () => {};

  /** @param wokeMs when the kernel's signal woke us (monotonicMs()), for the event's latency */
  report(event: NewEvent, wokeMs?: number): Event {
    if (event.kind === 'launch' || event.kind === 'move') this.#members.entered(event.group, event.pid);
    return this.#log.append(wokeMs === undefined ? event : { ...event, latencyMs: monotonicMs() - wokeMs });
  }

  /** The group is new: all kills that its counter will show are unreported, and so is a freeze. */
  groupAdded(group: string): void {
    this.#counts.open(group, 0);
    this.states.made(group);
  }

  groupRemoved(group: string): void {
    for (const counted of this.#counts.close(group)) this.#reportCounted(counted);
    for (const merged of [this.#kills, this.#bursts, this.#signals]) merged.flush(group);
    this.#members.removed(group);
    this.states.forget(group);
  }

  oom(group: string, count: number, underOom: boolean, wokeMs: number): void {
    this.#members.refresh(group);
    // Its guard reports that it holds it.
    if (underOom && lineage(group).some((at) => this.isGuarded(at))) return;
    this.#bursts.noticed(group, count, underOom, wokeMs);
  }

  pressure(group: string, resource: PressureResource, level: PressureLevel, count: number, wokeMs: number): void {
    if (resource === 'memory') this.#members.refresh(group);
    const event = { kind: 'pressure', group, level, ...(resource === 'memory' ? {} : { resource }), count, time: 0 } as const;
    this.#signals.signalled(`pressure ${resource} ${level}`, { group, event, wokeMs });
  }

  thresholdMet(group: string, reached: Parameters<UnifiedNotices['threshold']>[1], count: number, wokeMs: number): void {
    this.#members.refresh(group);
    this.#signals.signalled(`threshold ${reached.file}`, {
      group,
      event: { kind: 'threshold', group, ...reached, count, time: 0 },
      wokeMs,
    });
  }

  /** The last process ended or left. */
  emptied(group: string, wokeMs: number): void {
    this.#signals.signalled('empty', { group, event: { kind: 'empty', group, count: 1, time: 0 }, wokeMs });
  }

  /** @param wokeMs undefined for a kill from before the agent started, found in the kernel log */
  killed(kill: OomKill, wokeMs: number | undefined): void {
    if (wokeMs === undefined) {
      const time = bootTimeMs() + kill.timeUsec / 1000;
      const group = kill.group ?? kill.whole;
      // Where the log does not have it, it is unknown by now.
      if (group === undefined) return;
      // Of a group that was made a moment ago the counter has it, too.
      this.#counts.reported(group);
      if (!kill.again && !this.#isLogged(kill)) this.report({ ...killEvent(group, kill), time, late: true });
      return;
    }
    this.onKill();
    const group = kill.group ?? this.#members.groupOf(kill.pid, kill.comm) ?? kill.whole;
    if (group !== undefined && kill.limitGroup !== undefined && !isWithin(group, kill.limitGroup)) return;
    if (group === undefined) {
      if (kill.limitGroup === undefined) this.#counts.stray(kill);
      return;
    }
    if (kill.group === undefined && this.#counts.expect(group, kill)) return;
    this.#counts.reported(group);
    if (!kill.again) this.#killed(killEvent(group, kill), wokeMs);
  }

  #reportCounted({ group, count, victim }: CountedKill): void {
    this.#killed({ ...killEvent(group, victim), count });
  }

  #killed(event: Kill, wokeMs?: number): void {
    this.#bursts.killed(event.group, event.count);
    this.#kills.signalled(`${event.limitGroup ?? ''} ${event.nodes ?? ''}`, { group: event.group, event, wokeMs });
  }

  /** Reports merged signals that still wait. */
  stop(): void {
    for (const merged of [this.#kills, this.#bursts, this.#signals]) merged.flush();
    for (const turns of this.#turns) turns.stop();
  }

  /**
   * Reports what a tick found.
   * @param before a group's readings before this tick
   * @param causeOf how it came that a file was read that changes only when it is written
   */
  ticked(
    changes: readonly Change[],
    pathOf: (gid: number) => string | undefined,
    before: (gid: number) => Readings | undefined,
    causeOf: (gid: number, file: string) => Cause,
  ): void {
    for (const counted of this.#counts.overdue()) this.#reportCounted(counted);
    for (const [gid, key, value] of changes) {
      const group = pathOf(gid);
      if (group === undefined || value === null) continue;
      if (OOM_KILLS.has(key) && typeof value === 'number') this.#counts.counted(group, value);
    }
    for (const counted of this.#counts.placed()) this.#reportCounted(counted);
    for (const { gid, ...change } of changedFiles(changes, before)) {
      const group = pathOf(gid);
      if (group !== undefined) this.report({ kind: 'write', group, ...change, ...causeOf(gid, change.file), asked: '', time: Date.now() });
    }
  }

  /** By its record: the kernel log's clock stands still while the machine is suspended, and drifts, so that its time is not the event's. */
  #isLogged({ pid, comm, sequence }: OomKill): boolean {
    const isIt = (victim: Victim) => victim.record === sequence && victim.pid === pid && victim.comm === comm;
    return this.#log.since(0).some((event) => victimsOf(event).some(isIt));
  }
}

function addCounts(before: Signal<Counted>, next: Signal<Counted>): Signal<Counted> {
  return { ...next, event: { ...next.event, count: before.event.count + next.event.count } };
}

function addKills(before: Signal<Kill>, next: Signal<Kill>): Signal<Kill> {
  const [victim, ...others] = [...victimsOf(before.event), ...victimsOf(next.event)];
  const event = { ...next.event, count: before.event.count + next.event.count };
  return {
    ...next,
    wokeMs: next.wokeMs ?? before.wokeMs,
    event: { ...event, ...(victim ? { victim } : {}), ...(victim && others.length > 0 ? { victims: [victim, ...others] } : {}) },
  };
}

function burstEvent({ first, group, count, underOom, firstMs, lastMs, peakPerSec, killed }: OomBurst): NewEvent {
  return {
    ...{ kind: 'oom', group, count, underOom, time: firstMs },
    ...(count > 1 ? { untilMs: lastMs, peakPerSec } : {}),
    ...(killed > 0 ? { killed } : {}),
    ...(first ? { replaces: first.id } : {}),
    ...(first?.latencyMs === undefined ? {} : { latencyMs: first.latencyMs }),
  };
}

function killEvent(group: string, kill: OomKill | undefined): Kill {
  return {
    kind: 'oom_kill',
    group,
    time: 0,
    count: 1,
    ...(kill ? { victim: victimOf(kill) } : {}),
    ...(kill?.limitGroup === undefined ? {} : { limitGroup: kill.limitGroup }),
    ...(kill?.nodes === undefined ? {} : { nodes: kill.nodes }),
  };
}

function victimOf({ pid, comm, rssBytes, sequence: record }: OomKill): Victim {
  return { pid, comm, ...(rssBytes === undefined ? {} : { rssBytes }), record };
}

/** Wall-clock time at which the monotonic clock was 0. */
function bootTimeMs(): number {
  return Date.now() - monotonicMs();
}
