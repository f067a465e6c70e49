// KeyedQueue sources into events: what the kernel signalled, what others wrote, what was found out after the fact.

import { fileOfReading, findControlFiles } from '../../contract/control-files.ts';
import { type GroupState, groupState } from '../../contract/derive.ts';
import type { NewEvent, PressureLevel } from '../../contract/events.ts';
import type { Change } from '../../contract/frame.ts';
import type { PressureResource } from '../../contract/pressure.ts';
import { keysOf } from '../../contract/quantities.ts';
import type { Readings, ReadingValue } from '../../contract/readings.ts';
import { monotonicMs, realClock } from '../kernel/clock.ts';
import type { EventLog } from '../state/event-log.ts';
import type { OomKill } from './watch/kernel-log.ts';
import { KillLedger } from './watch/kill-ledger.ts';
import { type MergedSignal, SignalMerge } from './watch/signal-merge.ts';

/** Of the group's own tasks: memory.events on v2 counts those of groups below too. */
const OOM_KILLS = new Set(keysOf('oom-kills'));
/** What the freezer of v1 and of v2 say; cgroup.freeze is only what was asked. */
const FREEZER = new Set(keysOf('freezer-state'));
const FREEZE_ASKED = 'cgroup.freeze';
export const STATE = 'state';
/** Replayed kills that the log already holds are recognised by pid within so long. */
const SAME_KILL_MS = 10_000;

type SettledState = Exclude<GroupState, 'freezing'>;

export class Reporter {
  readonly #log: EventLog;
  readonly #ledger = new KillLedger();
  readonly #pressure: SignalMerge<`${PressureResource} ${PressureLevel}`>;
  /** Out of memory and limits met on v2, the last as "threshold" and the control file. */
  readonly #met: SignalMerge<Met>;
  /** Groups whose state the kernel signals: a tick may have read it before the last signal, and says nothing of it. */
  readonly #stateSignalled = new Set<string>();
  /** Values that were told as written or frozen by our own action, by group and key: the tick that sees them says nothing. */
  readonly #told = new Map<string, ReadingValue>();
  /** What we are doing now, and how many times over. */
  readonly #acting = new Map<string, number>();
  readonly #asked = new Map<string, { readonly wanted: SettledState; readonly by: string }>();

  constructor(log: EventLog) {
    this.#log = log;
    this.#pressure = new SignalMerge(realClock, ({ group, what, count, wokeMs }) =>
      this.report({ kind: 'pressure', group, ...pressureOf(what), count, time: Date.now() }, wokeMs),
    );
    this.#met = new SignalMerge(realClock, (signal) => this.report(metEvent(signal), signal.wokeMs));
  }

  /** @param wokeMs when the kernel's signal woke us (monotonicMs()); the latency runs from there to here */
  report(event: NewEvent, wokeMs?: number): void {
    this.#log.append(wokeMs === undefined ? event : { ...event, latencyMs: monotonicMs() - wokeMs });
  }

  /** A group made while we watch has no past: every kill its counter will show is news. */
  groupMade(group: string): void {
    this.#ledger.open(group, 0);
  }

  groupRemoved(group: string): void {
    this.#ledger.close(group);
    this.#asked.delete(group);
    this.#stateSignalled.delete(group);
    for (const key of this.#told.keys()) if (key.startsWith(`${group}\n`)) this.#told.delete(key);
  }

  oom(group: string, count: number, underOom: boolean, wokeMs: number): void {
    this.report({ kind: 'oom', group, count, underOom, time: Date.now() }, wokeMs);
  }

  pressure(group: string, resource: PressureResource, level: PressureLevel, count: number, wokeMs: number): void {
    this.#pressure.signalled(group, `${resource} ${level}`, count, wokeMs);
  }

  /** On v2, where the kernel counts each time that an allocation finds nothing: at most one event a second. */
  oomCounted(group: string, count: number, wokeMs: number): void {
    this.#met.signalled(group, 'oom', count, wokeMs);
  }

  thresholdMet(group: string, file: string, count: number, wokeMs: number): void {
    this.#met.signalled(group, `threshold ${file}`, count, wokeMs);
  }

  /** Nobody is inside any more. */
  emptied(group: string, wokeMs: number): void {
    this.#met.signalled(group, 'empty', 1, wokeMs);
  }

  /** The kernel will signal the group's state as it changes: it comes by `stateSignalled`, and not by the tick. */
  signalsState(group: string): void {
    this.#stateSignalled.add(group);
  }

  stateSignalled(group: string, state: SettledState, wokeMs: number): void {
    this.#stateChanged(group, state, wokeMs);
  }

  /** @param wokeMs undefined for a kill that the log kept while nobody watched */
  killed(kill: OomKill, wokeMs: number | undefined): void {
    const time = bootTimeMs() + kill.timeUsec / 1000;
    if (kill.group === undefined) {
      this.#ledger.nameless(kill);
      return;
    }
    if (wokeMs === undefined) {
      if (!this.#holds(kill, time)) this.report({ ...killEvent(kill.group, kill), time, late: true });
      return;
    }
    this.#ledger.told(kill.group);
    this.report({ ...killEvent(kill.group, kill), time: Date.now() }, wokeMs);
  }

  /** Tells what was held back to be merged; nothing comes later. */
  stop(): void {
    this.#pressure.flush();
    this.#met.flush();
  }

  /**
   * A tick that comes between what we do and its telling has seen it first: it says nothing of these files of the group, or of its state.
   * @param what control files, or `state`
   */
  async acting<T>(group: string, what: readonly string[], act: () => Promise<T>): Promise<T> {
    const marks = what.map((one) => `${group}\n${one}`);
    for (const mark of marks) this.#acting.set(mark, (this.#acting.get(mark) ?? 0) + 1);
    try {
      return await act();
    } finally {
      for (const mark of marks) {
        const left = (this.#acting.get(mark) ?? 1) - 1;
        if (left > 0) this.#acting.set(mark, left);
        else this.#acting.delete(mark);
      }
    }
  }

  /** Our own write or freeze was told: the tick that reads this value need not tell it again. */
  expect(group: string, key: string, value: ReadingValue): void {
    this.#told.set(`${group}\n${key}`, value);
  }

  /**
   * What a tick brought to light.
   * @param before a group's readings before this tick
   */
  ticked(changes: readonly Change[], pathOf: (gid: number) => string | undefined, before: (gid: number) => Readings | undefined): void {
    for (const { group, count, victim } of this.#ledger.overdue()) {
      this.report({ ...killEvent(group, victim), count, time: Date.now() });
    }
    for (const [gid, key, value] of changes) {
      const group = pathOf(gid);
      if (group === undefined || value === null) continue;
      if (OOM_KILLS.has(key) && typeof value === 'number') this.#ledger.counted(group, value);
      const old = before(gid)?.[key];
      if (old === undefined || old === value) continue;
      this.#changedByOthers(group, key, old, value);
    }
  }

  /** Our own freeze or thaw was told: the tick that sees it says nothing. */
  stateTold(group: string, state: SettledState): void {
    this.expect(group, STATE, state);
  }

  /** A freeze or thaw of ours that was not there yet when it was answered: whoever sees it come says whose it was. */
  stateAsked(group: string, wanted: SettledState, by: string): void {
    // A tick saw it come after the answer's last look.
    if (this.#told.get(`${group}\n${STATE}`) === wanted)
      this.report({ kind: wanted === 'frozen' ? 'freeze' : 'thaw', group, by, time: Date.now() });
    else this.#asked.set(group, { wanted, by });
  }

  #changedByOthers(group: string, key: string, old: ReadingValue, value: ReadingValue): void {
    if (FREEZER.has(key)) {
      if (!this.#stateSignalled.has(group)) this.#stateChanged(group, groupState({ [key]: value }));
      return;
    }
    const told = `${group}\n${key}`;
    if (key === FREEZE_ASKED || !findControlFiles(fileOfReading(key)).some(({ onlyWritten }) => onlyWritten)) return;
    if (this.#acting.has(`${group}\n${fileOfReading(key)}`)) return;
    const ours = this.#told.get(told) === value;
    this.#told.delete(told);
    if (!ours) this.report({ kind: 'write', group, file: key, old: String(old), new: String(value), asked: '', time: Date.now() });
  }

  #stateChanged(group: string, state: GroupState, wokeMs?: number): void {
    const told = `${group}\n${STATE}`;
    const known = this.#told.get(told);
    this.#told.set(told, state);
    if (known === state || state === 'freezing' || this.#acting.has(told)) return;
    const asked = this.#asked.get(group);
    this.#asked.delete(group);
    const by = asked?.wanted === state ? { by: asked.by } : {};
    this.report({ kind: state === 'frozen' ? 'freeze' : 'thaw', group, time: Date.now(), ...by }, wokeMs);
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
