// Makes events of what the kernel signals, what other programs write, and what is found later.

import { groupState } from '../../contract/derive.ts';
import type { NewEvent, PressureLevel } from '../../contract/events.ts';
import type { Change } from '../../contract/frame.ts';
import type { PressureResource } from '../../contract/pressure.ts';
import { keysOf } from '../../contract/quantities.ts';
import type { Readings } from '../../contract/readings.ts';
import { monotonicMs, realClock } from '../kernel/clock.ts';
import type { EventLog } from '../state/event-log.ts';
import { changedFiles } from './changed-files.ts';
import { GroupStates } from './group-states.ts';
import { type CountedKill, KillCounts } from './watch/kill-counts.ts';
import type { Members } from './watch/members.ts';
import type { OomKill } from './watch/oom-lines.ts';
import { type MergedSignal, SignalMerge } from './watch/signal-merge.ts';

/** Kills in the group itself: on v2 memory.events counts those of groups below as well. */
const OOM_KILLS = new Set(keysOf('oom-kills'));
/** Readings of the freezer's state on v1 and v2. */
const FREEZER = new Set(keysOf('freezer-state'));
/** A kill read again from the kernel log is one in the event log with this pid and about this time. */
const SAME_KILL_WITHIN_MS = 10_000;

export class Reporter {
  readonly #log: EventLog;
  readonly #members: Members;
  readonly #kills = new KillCounts();
  readonly #pressure: SignalMerge<`${PressureResource} ${PressureLevel}`>;
  /** v2's signals. */
  readonly #met: SignalMerge<Met>;
  readonly states = new GroupStates((event, wokeMs) => this.report(event, wokeMs));

  constructor(log: EventLog, members: Members) {
    this.#log = log;
    this.#members = members;
    this.#pressure = new SignalMerge(realClock, ({ group, what, count, wokeMs }) =>
      this.report({ kind: 'pressure', group, ...pressureOf(what), count, time: Date.now() }, wokeMs),
    );
    this.#met = new SignalMerge(realClock, (signal) => this.report(metEvent(signal), signal.wokeMs));
  }

  /** @param wokeMs when the kernel's signal woke us (monotonicMs()), for the event's latency */
  report(event: NewEvent, wokeMs?: number): void {
    if (event.kind === 'launch' || event.kind === 'move') this.#members.entered(event.group, event.pid);
    this.#log.append(wokeMs === undefined ? event : { ...event, latencyMs: monotonicMs() - wokeMs });
  }

  /** The group is new: all kills that its counter will show are unreported. */
  groupAdded(group: string): void {
    this.#kills.open(group, 0);
  }

  groupRemoved(group: string): void {
    for (const counted of this.#kills.close(group)) this.#reportCounted(counted);
    this.#members.removed(group);
    this.states.forget(group);
  }

  oom(group: string, count: number, underOom: boolean, wokeMs: number): void {
    this.#members.refresh(group);
    this.report({ kind: 'oom', group, count, underOom, time: Date.now() }, wokeMs);
  }

  pressure(group: string, resource: PressureResource, level: PressureLevel, count: number, wokeMs: number): void {
    if (resource === 'memory') this.#members.refresh(group);
    this.#pressure.signalled(group, `${resource} ${level}`, count, wokeMs);
  }

  /** v2 counts every failed allocation: at most one event a second. */
  oomCounted(group: string, count: number, wokeMs: number): void {
    this.#members.refresh(group);
    this.#met.signalled(group, 'oom', count, wokeMs);
  }

  thresholdMet(group: string, file: string, count: number, wokeMs: number): void {
    this.#members.refresh(group);
    this.#met.signalled(group, `threshold ${file}`, count, wokeMs);
  }

  /** The last process ended or left. */
  emptied(group: string, wokeMs: number): void {
    this.#met.signalled(group, 'empty', 1, wokeMs);
  }

  /** @param wokeMs undefined for a kill from before the agent started, found in the kernel log */
  killed(kill: OomKill, wokeMs: number | undefined): void {
    if (wokeMs === undefined) {
      const time = bootTimeMs() + kill.timeUsec / 1000;
      // Without the group in the log it is unknown by now.
      if (kill.group !== undefined && !kill.again && !this.#isLogged(kill, time))
        this.report({ ...killEvent(kill.group, kill), time, late: true });
      return;
    }
    const group = kill.group ?? this.#members.groupOf(kill.pid, kill.comm) ?? kill.whole;
    if (group === undefined || (kill.group === undefined && this.#kills.expect(group, kill))) return;
    this.#kills.reported(group);
    if (!kill.again) this.report({ ...killEvent(group, kill), time: Date.now() }, wokeMs);
  }

  #reportCounted({ group, count, victim }: CountedKill): void {
    this.report({ ...killEvent(group, victim), count, time: Date.now() });
  }

  /** Reports merged signals that still wait. */
  stop(): void {
    this.#pressure.flush();
    this.#met.flush();
  }

  /**
   * Reports what a tick found.
   * @param before a group's readings before this tick
   */
  ticked(changes: readonly Change[], pathOf: (gid: number) => string | undefined, before: (gid: number) => Readings | undefined): void {
    for (const counted of this.#kills.overdue()) this.#reportCounted(counted);
    for (const [gid, key, value] of changes) {
      const group = pathOf(gid);
      if (group === undefined || value === null) continue;
      if (FREEZER.has(key) && before(gid)?.[key] === undefined) this.states.found(group, groupState({ [key]: value }));
      if (OOM_KILLS.has(key) && typeof value === 'number') this.#kills.counted(group, value);
    }
    for (const { gid, ...change } of changedFiles(changes, before)) {
      const group = pathOf(gid);
      if (group !== undefined) this.report({ kind: 'write', group, ...change, asked: '', time: Date.now() });
    }
  }

  #isLogged(kill: OomKill, time: number): boolean {
    return this.#log
      .since(0)
      .some((event) => event.kind === 'oom_kill' && event.victim?.pid === kill.pid && Math.abs(event.time - time) < SAME_KILL_WITHIN_MS);
  }
}

type Met = 'oom' | 'empty' | `threshold ${string}`;

function metEvent({ group, what, count }: MergedSignal<Met>): NewEvent {
  const common = { group, count, time: Date.now() };
  if (what === 'oom') return { ...common, kind: 'oom', underOom: false };
  if (what === 'empty') return { ...common, kind: 'empty' };
  return { ...common, kind: 'threshold', file: what.slice('threshold '.length) };
}

function pressureOf(what: `${PressureResource} ${PressureLevel}`): { level: PressureLevel; resource?: 'cpu' | 'io' } {
  const [resource, level] = what.split(' ') as [PressureResource, PressureLevel];
  return resource === 'memory' ? { level } : { level, resource };
}

function killEvent(group: string, kill: OomKill | undefined): Extract<NewEvent, { kind: 'oom_kill' }> {
  return {
    kind: 'oom_kill',
    group,
    time: 0,
    count: 1,
    ...(kill ? { victim: { pid: kill.pid, comm: kill.comm, ...(kill.rssBytes === undefined ? {} : { rssBytes: kill.rssBytes }) } } : {}),
    ...(kill?.limitGroup === undefined ? {} : { limitGroup: kill.limitGroup }),
  };
}

/** Wall-clock time at which the monotonic clock was 0. */
function bootTimeMs(): number {
  return Date.now() - monotonicMs();
}
