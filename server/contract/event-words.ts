// Every kind of event in words: its name, a sentence about what happened, and how grave it is. The page and the messages of notices use them.
import { findControlFile } from './control-files.ts';
import { victimsOf } from './event-facts.ts';
import type { Event, EventGap, EventKind } from './events.ts';
import type { HoldReason } from './guards.ts';
import { bytesText, countText, shortDuration } from './units.ts';
import { visible } from './visible.mjs';

/** The look of an event: the kernel acted against a group, pressure, freezing, or a person’s or program’s act. */
export type EventTone = 'oom' | 'pressure' | 'frozen' | 'act' | 'life';

interface KindWords {
  readonly name: string;
  readonly tone: EventTone;
  /** What the kind means, for a person who sees it for the first time. */
  readonly help: string;
}

export const kindWords: Record<EventKind, KindWords> = {
  oom: { name: 'Out of memory', tone: 'oom', help: 'The group hit its hard limit and nothing could be reclaimed.' },
  oom_kill: { name: 'OOM kill', tone: 'oom', help: 'The kernel killed one or more processes to free memory.' },
  pressure: { name: 'Pressure', tone: 'pressure', help: 'Tasks of the group wait for memory, CPU or disks: low, medium or critical.' },
  threshold: { name: 'Limit reached', tone: 'pressure', help: 'The group reached a limit such as memory.high or pids.max.' },
  forecast: {
    name: 'Limit ahead',
    tone: 'pressure',
    help: 'At the growth of the last minute, the group meets a limit soon: its own, an ancestor’s or the machine’s memory.',
  },
  freeze: { name: 'Frozen', tone: 'frozen', help: 'All tasks of the group are stopped.' },
  thaw: { name: 'Thawed', tone: 'frozen', help: 'The tasks of the group run again.' },
  empty: { name: 'Empty', tone: 'life', help: 'The last process of the group and of the groups below it has ended or left.' },
  write: { name: 'Setting', tone: 'act', help: 'A control file was written, or was found changed.' },
  launch: { name: 'Launch', tone: 'act', help: 'A process was started in a group.' },
  exit: { name: 'Exit', tone: 'life', help: 'A launched process ended.' },
  restart: { name: 'Restart', tone: 'life', help: 'A launched process ended and is started again by its restart policy.' },
  create: { name: 'Created', tone: 'life', help: 'A group was created.' },
  remove: { name: 'Removed', tone: 'life', help: 'A group was removed.' },
  move: { name: 'Moved', tone: 'act', help: 'A process was moved from one group to another.' },
  kill: { name: 'Kill', tone: 'act', help: 'Processes were sent a signal.' },
  hold: { name: 'Held', tone: 'oom', help: 'A guard stopped the group before it ran out of memory: it waits for a decision.' },
  decision: { name: 'Decision', tone: 'act', help: 'What was done with a group that a guard held.' },
};

/** The events that are missing from the log. */
export function gapSentence({ from, to, kinds }: EventGap): string {
  const ids = from === to ? `Event ${from}` : `Events ${from} to ${to}`;
  const all = kinds.length === Object.keys(kindWords).length;
  const which = all ? '' : ` of the kinds ${kinds.map((kind) => kindWords[kind].name).join(', ')}`;
  return `${ids}${which} ${from === to ? 'is' : 'are'} missing from the log: no longer kept, or lost.`;
}

/** A kind’s name; pressure with its level. */
export function eventName(event: Event): string {
  return event.kind === 'pressure' ? `${kindWords.pressure.name} ${event.level}` : kindWords[event.kind].name;
}

/** A control file’s text for people: sizes with their unit, v1’s largest number as "no limit", v2’s quota as CPUs. */
export function settingWords(file: string, text: string): string {
  if (text === 'max' || text === '-1' || text === '9223372036854771712') return 'no limit';
  if (text === '') return 'empty';
  if (file === 'cpu.max') return quotaWords(text);
  return findControlFile(file)?.unit === 'bytes' && /^\d+$/.test(text) ? bytesText(Number(text)) : text;
}

/** "150000 100000" is 1.5 CPUs. */
function quotaWords(text: string): string {
  const [quota, period] = text.split(' ');
  if (quota === 'max') return 'no limit';
  const cpus = Number(quota) / Number(period);
  return Number.isFinite(cpus) ? `${Number(cpus.toFixed(3))} ${cpus === 1 ? 'CPU' : 'CPUs'}` : text;
}

function times(count: number): string {
  return count > 1 ? ` (${count.toLocaleString('en')} times)` : '';
}

const processes = (count: number) => countText(count, 'process', 'processes');

/** What a program had left when it ended, and that did not end by SIGTERM. */
export function restWords({ killed = 0, left = 0 }: { readonly killed?: number | undefined; readonly left?: number | undefined }): string {
  if (killed > 0) return `; ${processes(killed)} that it left did not end by SIGTERM and got SIGKILL`;
  return left > 0 ? `; ${processes(left)} that it left did not end by SIGTERM and continue without their output` : '';
}

const PRESSURE = { memory: 'Its memory is reclaimed', cpu: 'Tasks wait for a CPU', io: 'Tasks wait for disks' } as const;

/** A burst grows in its row: what grows comes first, and is not cut. */
function oomWords({ count, time, untilMs, peakPerSec, killed, underOom }: Extract<Event, { kind: 'oom' }>): string {
  const long = untilMs === undefined ? '' : ` in ${wholeSeconds(untilMs - time)}`;
  const peak = peakPerSec === undefined || peakPerSec >= count ? '' : `, at most ${peakPerSec.toLocaleString('en')} a second`;
  const burst = count === 1 ? '' : ` ${count.toLocaleString('en')} times${long}${peak}`;
  const outcome = underOom
    ? 'its tasks wait until the limit is raised'
    : killed === undefined || count === 1
      ? 'nothing could be reclaimed'
      : `${processes(killed)} killed`;
  return `Hit its limit${burst}; ${outcome}`;
}

/** How long it has lasted so far; the unit stays beside its figure. */
export function wholeSeconds(ms: number): string {
  return shortDuration(Math.max(1, Math.round(ms / 1000)) * 1000).replaceAll(' ', '\u00a0');
}

function killWords(event: Extract<Event, { kind: 'oom_kill' }>): string {
  const victims = victimsOf(event);
  const [victim] = victims;
  if (!victim) return `The kernel killed ${processes(event.count)}`;
  if (event.count > 1) return `Killed ${processes(event.count)}${namedText(victims, event.count)}`;
  const size = victim.rssBytes === undefined ? '' : `, ${bytesText(victim.rssBytes)}`;
  return `Killed ${visible(victim.comm)} (pid ${victim.pid}${size})`;
}

/** What the kernel does when a group reaches the limit of a control file (cgroup-v2.rst). */
function thresholdWords(file: string, orAbove = false): string {
  if (file === 'memory.high') return 'Over memory.high: slowed down and made to reclaim';
  if (file === 'memory.max') return 'At memory.max: the kernel reclaims first';
  if (file === 'memory.low') return 'Reclaimed although protected by memory.low';
  if (file === 'memory.oom.group') return 'Killed as a whole (memory.oom.group)';
  const whose = orAbove ? `${file} of the group or of one above` : file;
  return file === 'pids.max' ? `At ${whose}: a new process was refused` : `At ${whose}: refused`;
}

function forecastWords({ group, limitGroup, file, secondsLeft, headroomBytes, bytesPerSec }: Extract<Event, { kind: 'forecast' }>): string {
  const whose =
    limitGroup === '/' && file === undefined ? 'The machine’s memory' : limitGroup === group ? `Its ${file}` : `${file} of ${limitGroup}`;
  return `${whose} is met in about ${wholeSeconds(secondsLeft * 1000)}: ${bytesText(headroomBytes)} left, growing by ${bytesText(bytesPerSec)}/s`;
}

/** What happened, without the group and the time, which are shown beside it. */
export function eventSentence(event: Event): string {
  switch (event.kind) {
    case 'oom':
      return oomWords(event);
    case 'oom_kill':
      return killWords(event);
    case 'pressure':
      return `${PRESSURE[event.resource ?? 'memory']}${times(event.count)}`;
    case 'threshold':
      return `${thresholdWords(event.file, event.orAbove)}${times(event.count)}`;
    case 'forecast':
      return forecastWords(event);
    case 'freeze':
      return 'All its tasks are stopped';
    case 'thaw':
      return 'Its tasks run again';
    case 'empty':
      return `The last process ended or left${times(event.count)}`;
    case 'write': {
      const how = event.through !== undefined ? `, with ${event.through}` : event.found ? ', found changed' : '';
      return `${event.file}: ${settingWords(event.file, event.old)} → ${settingWords(event.file, event.new)}${how}`;
    }
    case 'launch':
      return `${visible(event.argv.join(' '))} (pid ${event.pid})`;
    case 'exit': {
      const how = event.signal === undefined ? `ended with code ${event.code ?? '?'}` : `was killed by ${event.signal}`;
      return `pid ${event.pid} ${how}${event.runMs === undefined ? '' : ` after ${shortDuration(event.runMs)}`}${restWords(event)}`;
    }
    case 'restart':
      return `Started again, restart ${event.count}, ${shortDuration(event.delayMs)} after its end${event.pid === undefined ? '' : ` (pid ${event.pid})`}`;
    case 'create':
      return 'The group was created';
    case 'remove':
      return 'The group was removed';
    case 'move':
      return `pid ${event.pid} came from ${event.from}`;
    case 'kill':
      return `${event.signal} to ${processes(event.pids.length)}${namedText(event.named ?? [], event.pids.length)}`;
    case 'hold':
      return `${heldWords[event.reason]} at ${bytesText(event.facts.usageBytes)}; waits for a decision`;
    case 'decision':
      return event.sentence;
    default:
      return event satisfies never;
  }
}

/** Why a group was held. */
export const heldWords: Record<HoldReason, string> = {
  line: 'Stopped before it ran out of memory',
  memsw: 'Stopped before its memory and swap ran out',
  thrashing: 'Stopped because it only waited for memory',
  growth: 'Stopped because it grew towards its limit',
  machine: 'Stopped because the machine ran short of memory',
  found: 'Held since before cgdeck started again',
};

/** Whose names are known: the first few. */
function namedText(named: readonly { pid: number; comm: string }[], count: number): string {
  if (named.length === 0) return '';
  const names = named.slice(0, 3).map(({ pid, comm }) => `${visible(comm)} ${pid}`);
  return `: ${names.join(', ')}${count > names.length ? ', …' : ''}`;
}
