// Turns what is seen into events: what the kernel signalled, what others wrote, what was found out after the fact.

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
import { type CountedKill, KillLedger } from './watch/kill-ledger.ts';
import type { Members } from './watch/members.ts';
import type { OomKill } from './watch/oom-lines.ts';
import { type MergedSignal, SignalMerge } from './watch/signal-merge.ts';

/** Of the group's own tasks: memory.events on v2 counts those of groups below too. */
const OOM_KILLS = new Set(keysOf('oom-kills'));
/** What the freezer of v1 and of v2 say. */
const FREEZER = new Set(keysOf('freezer-state'));
/** Replayed kills that the log already holds are recognised by pid within so long. */
const SAME_KILL_MS = 10_000;

export class Reporter {
  readonly #log: EventLog;
  readonly #members: Members;
  readonly #ledger = new KillLedger();
  readonly #pressure: SignalMerge<`${PressureResource} ${PressureLevel}`>;
  /** Out of memory and limits met on v2, the last as "threshold" and the control file. */
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

  /** @param wokeMs when the kernel's signal woke us (monotonicMs()); the latency runs from there to here */
  report(event: NewEvent, wokeMs?: number): void {
    if (event.kind === 'launch' || event.kind === 'move') this.#members.entered(event.group, event.pid);
    this.#log.append(wokeMs === undefined ? event : { ...event, latencyMs: monotonicMs() - wokeMs });
  }

  /** A group made while we watch has no past: every kill its counter will show is news. */
  groupMade(group: string): void {
    this.#ledger.open(group, 0);
  }

  groupRemoved(group: string): void {
    for (const counted of this.#ledger.close(group)) this.#reportCounted(counted);
    this.#members.removed(group);
    this.states.forget(group);
  }

  oom(group: string, count: number, underOom: boolean, wokeMs: number): void {
    this.#members.look(group);
    this.report({ kind: 'oom', group, count, underOom, time: Date.now() }, wokeMs);
  }

  pressure(group: string, resource: PressureResource, level: PressureLevel, count: number, wokeMs: number): void {
    if (resource === 'memory') this.#members.look(group);
    this.#pressure.signalled(group, `${resource} ${level}`, count, wokeMs);
  }

  /** On v2, where the kernel counts each time that an allocation finds nothing: at most one event a second. */
  oomCounted(group: string, count: number, wokeMs: number): void {
    this.#members.look(group);
    this.#met.signalled(group, 'oom', count, wokeMs);
  }

  thresholdMet(group: string, file: string, count: number, wokeMs: number): void {
    this.#members.look(group);
    this.#met.signalled(group, `threshold ${file}`, count, wokeMs);
  }

  /** Nobody is inside any more. */
  emptied(group: string, wokeMs: number): void {
    this.#met.signalled(group, 'empty', 1, wokeMs);
  }

  /** @param wokeMs undefined for a kill that the log kept while nobody watched */
  killed(kill: OomKill, wokeMs: number | undefined): void {
    if (wokeMs === undefined) {
      const time = bootTimeMs() + kill.timeUsec / 1000;
      // What was known of it is forgotten by now.
      if (kill.group !== undefined && !kill.again && !this.#holds(kill, time))
        this.report({ ...killEvent(kill.group, kill), time, late: true });
      return;
    }
    const group = kill.group ?? this.#members.groupOf(kill.pid, kill.comm) ?? kill.whole;
    if (group === undefined || (kill.group === undefined && this.#ledger.expect(group, kill))) return;
    this.#ledger.reported(group);
    if (!kill.again) this.report({ ...killEvent(group, kill), time: Date.now() }, wokeMs);
  }

  #reportCounted({ group, count, victim }: CountedKill): void {
    this.report({ ...killEvent(group, victim), count, time: Date.now() });
  }

  /** Tells what was held back to be merged; nothing comes later. */
  stop(): void {
    this.#pressure.flush();
    this.#met.flush();
  }

  /**
   * What a tick brought to light.
   * @param before a group's readings before this tick
   */
  ticked(changes: readonly Change[], pathOf: (gid: number) => string | undefined, before: (gid: number) => Readings | undefined): void {
    for (const counted of this.#ledger.overdue()) this.#reportCounted(counted);
    for (const [gid, key, value] of changes) {
      const group = pathOf(gid);
      if (group === undefined || value === null) continue;
      if (FREEZER.has(key) && before(gid)?.[key] === undefined) this.states.found(group, groupState({ [key]: value }));
      if (OOM_KILLS.has(key) && typeof value === 'number') this.#ledger.counted(group, value);
    }
    for (const { gid, ...change } of changedFiles(changes, before)) {
      const group = pathOf(gid);
      if (group !== undefined) this.report({ kind: 'write', group, ...change, asked: '', time: Date.now() });
    }
  }

  #holds(kill: OomKill, time: number): boolean {
    return this.#log
      .since(0)
      .some((event) => event.kind === 'oom_kill' && event.victim?.pid === kill.pid && Math.abs(event.time - time) < SAME_KILL_MS);
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
