// All details of one event.
'use client';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Event } from '../../server/contract/events.ts';
import { formatBytes, formatClock, formatDuration, quantityText } from '../../server/contract/units.ts';
import { visible } from '../../server/contract/visible.mjs';
import { groupHref } from '../frame/links.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { kindWords, settingWords } from './event-words.ts';

type Fact = readonly [name: string, value: ReactNode];

function own(event: Event): Fact[] {
  switch (event.kind) {
    case 'oom':
      return [
        ['signals merged', event.count],
        ['its tasks wait', event.underOom ? 'yes, until the limit is raised' : 'no'],
      ];
    case 'oom_kill':
      return [
        ...(event.victim
          ? ([
              ['victim', `${visible(event.victim.comm)}, pid ${event.victim.pid}`],
              ['its memory', event.victim.rssBytes === undefined ? 'not in the kernel log' : size(event.victim.rssBytes)],
            ] as const)
          : ([['victim', 'not in the kernel log']] as const)),
        ['killed', event.count],
        ...(event.limitGroup === undefined ? [] : ([['whose limit', event.limitGroup]] as const)),
      ];
    case 'pressure':
      return [
        ['level', event.level],
        ...(event.resource === undefined ? [] : ([['waits for', event.resource]] as const)),
        ['signals merged', event.count],
      ];
    case 'threshold':
      return [
        ['control file', event.file],
        ['times', event.count],
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
        ...(event.launchId === undefined ? [] : ([['joined as', event.launchId]] as const)),
      ];
    case 'exit':
      return [
        ['pid', event.pid],
        ...(event.launchId === undefined ? [] : ([['joined as', event.launchId]] as const)),
        event.signal === undefined ? ['exit code', event.code ?? 'unknown'] : ['ended by', event.signal],
        ...(event.runMs === undefined ? [] : ([['ran for', time(event.runMs)]] as const)),
        ...(event.cpuMs === undefined ? [] : ([['CPU time', time(event.cpuMs)]] as const)),
        ...(event.peakBytes === undefined ? [] : ([['peak memory', size(event.peakBytes)]] as const)),
      ];
    case 'restart':
      return [
        ['restart', event.count],
        ['restarted after', time(event.delayMs)],
        ...(event.pid === undefined ? [] : ([['pid', event.pid]] as const)),
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
    case 'freeze':
    case 'thaw':
    case 'create':
    case 'remove':
      return [];
    default:
      return event satisfies never;
  }
}

function size(bytes: number): string {
  return `${quantityText(formatBytes(bytes))} (${bytes.toLocaleString('en')} bytes)`;
}

function time(ms: number): string {
  return quantityText(formatDuration(ms));
}

function withWords(file: string, text: string): string {
  const words = settingWords(file, text);
  return words === text ? text : `${text} (${words})`;
}

function day(timeMs: number): string {
  const date = new Date(timeMs);
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
}

function latency(event: Event): ReactNode {
  if (event.late) return 'none: found afterwards, the agent was down at that time';
  if (event.latencyMs === undefined) return 'none: there was no signal';
  const merged = (event.kind === 'pressure' || event.kind === 'threshold') && event.count > 1;
  return merged
    ? `${time(event.latencyMs)} from the last of ${event.count.toLocaleString('en')} signals until it left the agent, which reports once a second`
    : `${time(event.latencyMs)} from the kernel’s signal until it left the agent`;
}

export interface EventDetailsProps {
  readonly event: Event;
  readonly onGroup: (group: string) => void;
  readonly onClose: () => void;
}

export function EventDetails({ event, onGroup, onClose }: EventDetailsProps) {
  const facts: Fact[] = [
    ['group', event.group],
    ['time', `${day(event.time)} ${formatClock(event.time, true)}`],
    ...own(event),
    ...('by' in event ? ([['by', event.by ?? 'the kernel or another program']] as const) : []),
    ['latency', latency(event)],
    ['id', event.id],
  ];
  return (
    <div className="border-t border-line bg-surface px-4 py-3 pl-[120px] max-sm:pl-4">
      <div className="flex items-start justify-between gap-4">
        <p className="text-quiet">{kindWords[event.kind].help}</p>
        <Button variant="quiet" size="sm" onClick={onClose}>
          <X aria-hidden />
          Close
        </Button>
      </div>
      <dl className="mt-2 grid grid-cols-[auto_minmax(0,1fr)] items-baseline gap-x-6 gap-y-1">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-quiet">{name}</dt>
            <dd className="font-mono text-sm break-all">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="mt-3 flex gap-2">
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
