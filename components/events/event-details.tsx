// All details of one event.
'use client';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { victimsOf } from '../../server/contract/event-facts.ts';
import { kindWords, settingWords } from '../../server/contract/event-words.ts';
import type { Event } from '../../server/contract/events.ts';
import { bytesText, countText, durationText } from '../../server/contract/units.ts';
import { visible } from '../../server/contract/visible.mjs';
import { groupHref, reportHref } from '../frame/links.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { wholeMoment } from '../ui/moment-words.ts';

/** Left out while the value is undefined. */
type Fact = readonly [name: string, value: ReactNode];

function own(event: Event): Fact[] {
  switch (event.kind) {
    case 'oom':
      return [
        ['times', number(event.count)],
        ['at most, within a second', maybe(event.peakPerSec, number)],
        ['killed', maybe(event.killed, processes)],
        ['its tasks wait', event.underOom ? 'yes, until the limit is raised' : 'no'],
      ];
    case 'oom_kill':
      return [
        ['killed', processes(event.count)],
        ['not named by the kernel', event.count - victimsOf(event).length || undefined],
        ...victimsOf(event).map(({ pid, comm, rssBytes }): Fact => [`pid ${pid}`, named(comm, rssBytes)]),
        ['whose limit', event.limitGroup],
        ['only on memory nodes', event.nodes && `${event.nodes}, which a cpuset or a memory policy set`],
      ];
    case 'pressure':
      return [
        ['level', event.level],
        ['waits for', event.resource],
        ['signals', number(event.count)],
      ];
    case 'threshold':
      return [
        ['control file', event.file],
        ['times', number(event.count)],
      ];
    case 'forecast':
      return [
        ['whose limit', event.limitGroup === '/' ? 'the machine’s' : event.limitGroup],
        ['control file', event.file],
        ['met in about', durationText(event.secondsLeft * 1000)],
        ['left, with what can be reclaimed', size(event.headroomBytes)],
        ['growth', `${size(event.bytesPerSec)} a second`],
      ];
    case 'empty':
      return [['times', event.count]];
    case 'write':
      return [
        ['file', event.file],
        ['was', withWords(event.file, event.old)],
        ['asked', event.asked],
        ['is', withWords(event.file, event.new)],
      ];
    case 'launch':
      return [
        ['command', visible(event.argv.join(' '))],
        ['pid', event.pid],
        ['joined as', event.launchId],
      ];
    case 'exit':
      return [
        ['pid', event.pid],
        ['joined as', event.launchId],
        event.signal === undefined ? ['exit code', event.code ?? 'unknown'] : ['ended by', event.signal],
        ['ran for', maybe(event.runMs, durationText)],
        ['CPU time', maybe(event.cpuMs, durationText)],
        ['peak memory', maybe(event.peakBytes, size)],
      ];
    case 'restart':
      return [
        ['restart', event.count],
        ['restarted after', durationText(event.delayMs)],
        ['pid', event.pid],
      ];
    case 'move':
      return [
        ['pid', event.pid],
        ['from', event.from],
      ];
    case 'kill':
      return [
        ['signal', event.signal],
        ['pids', event.pids.join(', ')],
      ];
    case 'hold':
      return [
        ['in use', size(event.facts.usageBytes)],
        ['guard’s line', maybe(event.facts.lineBytes, size)],
        ['limit', event.facts.limit.value === 'max' ? 'none' : size(event.facts.limit.value)],
        ['whose limit', event.facts.limit.group],
        ['guard', event.pattern],
      ];
    case 'decision':
      return [
        ['what', event.do],
        ['outcome', event.outcome],
      ];
    case 'freeze':
    case 'thaw':
    case 'create':
    case 'remove':
      return [];
    default:
      return event satisfies never;
  }
}

function number(count: number): string {
  return count.toLocaleString('en');
}

function processes(count: number): string {
  return countText(count, 'process', 'processes');
}

function maybe(value: number | undefined, text: (value: number) => string): string | undefined {
  return value === undefined ? undefined : text(value);
}

function size(bytes: number): string {
  return `${bytesText(bytes)} (${bytes.toLocaleString('en')} bytes)`;
}

function withWords(file: string, text: string): string {
  const words = settingWords(file, text);
  return words === text ? text : `${text} (${words})`;
}

function named(comm: string, rssBytes: number | undefined): string {
  return `${visible(comm)}, ${rssBytes === undefined ? 'of unknown size' : size(rssBytes)}`;
}

function clock(timeMs: number): string {
  return wholeMoment(timeMs);
}

function latency(event: Event): ReactNode {
  if (event.late) return 'none: found afterwards, the agent was down at that time';
  if (event.latencyMs === undefined) return 'none: there was no signal';
  const merged = (event.kind === 'pressure' || event.kind === 'threshold' || event.kind === 'oom') && event.count > 1;
  return merged
    ? `${durationText(event.latencyMs)} from the last of ${event.count.toLocaleString('en')} signals until it left the agent, which reports once a second`
    : `${durationText(event.latencyMs)} from the kernel’s signal until it left the agent`;
}

export interface EventDetailsProps {
  readonly event: Event;
  /** The last time of one that lasts or repeats. */
  readonly untilMs: number | undefined;
  readonly onGroup: (group: string) => void;
  readonly onClose: () => void;
}

export function EventDetails({ event, untilMs, onGroup, onClose }: EventDetailsProps) {
  const repeated = untilMs !== undefined && event.kind !== 'oom';
  const facts: Fact[] = [
    ['group', event.group],
    [untilMs === undefined ? 'time' : 'from', clock(event.time)],
    ['until', maybe(untilMs, clock)],
    ...own(event),
    ['by', 'by' in event ? (event.by ?? 'the kernel or another program') : undefined],
    ['latency', repeated ? undefined : latency(event)],
    ['id', event.id],
  ];
  return (
    <div className="border-t border-line bg-surface px-4 py-3 pl-[120px] max-sm:pl-4">
      <div className="flex items-start justify-between gap-4">
        <p className="text-quiet">{kindWords[event.kind].help}</p>
        <Button icon={X} variant="quiet" size="sm" onClick={onClose}>
          Close
        </Button>
      </div>
      <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-6 gap-y-1">
        {facts.map(
          ([name, value]) =>
            value !== undefined && (
              <div key={name} className="contents">
                <dt className="text-quiet">{name}</dt>
                <dd className="font-mono text-sm [overflow-wrap:anywhere]">{value}</dd>
              </div>
            ),
        )}
      </dl>
      <div className="mt-3 flex gap-2">
        {event.kind === 'oom_kill' && (
          <LinkButton href={reportHref(event.id)} variant="primary" size="sm">
            Why: the report
          </LinkButton>
        )}
        <LinkButton href={groupHref(event.group)} size="sm">
          Open the group
        </LinkButton>
        <Button size="sm" onClick={() => onGroup(event.group)}>
          Only this group
        </Button>
      </div>
    </div>
  );
}
