// The other limits of a group beside the rail: CPU weight and quota, CPUs, tasks, memory with swap, and what happens at the wall.
'use client';
import { findControlFile } from '../../../server/contract/control-files.ts';
import type { ReadingValue } from '../../../server/contract/readings.ts';
import { formatBytes, MAX, parseSize } from '../../../server/contract/units.ts';
import { type GroupLive, useHost } from '../../live/hooks.ts';
import { sizeInput } from '../rail/size-text.ts';
import { kernelSize } from '../rail/use-thumb.ts';
import { parseCpuList } from './cpu-list.ts';
import { DeviceRules } from './device-rules.tsx';
import { LimitField, type Parsed } from './limit-field.tsx';
import { OomSwitch } from './oom-switch.tsx';
import { cpusOfQuota, cpusText, DEFAULT_PERIOD_US, parseQuota } from './quota.ts';

export interface GroupLimitsProps {
  readonly live: GroupLive;
  readonly reason: string | undefined;
}

const SHARES_DEFAULT = 1024;

export function GroupLimits({ live, reason }: GroupLimitsProps) {
  const cpus = useHost()?.cpus ?? 1;
  const { readings, entry, atMs } = live;
  const why = entry.path === '/' ? 'The root group cannot be limited: it is the machine.' : reason;
  const field = (file: string) => ({ group: entry.path, file, reading: readings[file], atMs, reason: why });
  const period = Number(readings['cpu.cfs_period_us'] ?? DEFAULT_PERIOD_US);
  const shares = readings['cpu.shares'];
  const quota = readings['cpu.cfs_quota_us'];
  const swapped = readings['memory.memsw.usage_in_bytes'];
  return (
    <div className="grid grid-cols-2 gap-x-3 gap-y-4 @min-[520px]:gap-x-6 @min-[820px]:grid-cols-3">
      <LimitField
        {...field('cpu.cfs_quota_us')}
        label="CPU quota"
        unit="CPUs"
        toInput={(value) => cpusText(cpusOfQuota(value, period) ?? MAX)}
        parse={(input) => renamed(parseQuota(input, period))}
        hint={
          quota === undefined || cpusOfQuota(quota, period) === MAX
            ? `No quota; 1.5 is ${1.5 * period} of each ${period} µs.`
            : `${quota} µs of each ${period} µs.`
        }
      />
      <LimitField
        {...field('cpu.shares')}
        label="CPU weight"
        unit="shares"
        toInput={String}
        parse={parseShares}
        hint={
          typeof shares === 'number'
            ? `×${Number((shares / SHARES_DEFAULT).toPrecision(3))} of the default 1024, when CPUs are contended.`
            : 'Weight against siblings.'
        }
      />
      <LimitField
        {...field('cpuset.cpus')}
        label="CPUs allowed"
        toInput={String}
        parse={(input) => {
          const parsed = parseCpuList(input, cpus);
          return 'fault' in parsed ? parsed : { value: input.replaceAll(/\s+/g, '') };
        }}
        hint={allowedText(readings['cpuset.cpus'], cpus)}
      />
      <LimitField
        {...field('pids.max')}
        label="Most tasks"
        unit="tasks"
        toInput={String}
        parse={parseCount}
        hint={`${readings['pids.current'] ?? '–'} now; a fork beyond it fails with EAGAIN.`}
      />
      <LimitField
        {...field('memory.memsw.limit_in_bytes')}
        label="Memory + swap"
        toInput={(value) => sizeInput(kernelSize(String(value)))}
        parse={parseBytes}
        hint={
          typeof swapped === 'number'
            ? `${textOf(swapped)} now; never under the hard limit.`
            : (findControlFile('memory.memsw.limit_in_bytes')?.help ?? '')
        }
      />
      <OomSwitch live={live} reason={why} />
      <DeviceRules group={entry.path} atMs={atMs} reason={why} />
    </div>
  );
}

function renamed(parsed: ReturnType<typeof parseQuota>): Parsed {
  return 'fault' in parsed ? parsed : { value: parsed.quotaUs };
}

function parseShares(input: string): Parsed {
  return /^\d{1,9}$/.test(input.trim()) ? { value: input.trim() } : { fault: 'A whole number from 2 to 262144; 1024 is the default.' };
}

function parseCount(input: string): Parsed {
  const text = input.trim();
  return text === MAX || /^\d{1,7}$/.test(text) ? { value: text } : { fault: 'A whole number, or max.' };
}

function parseBytes(input: string): Parsed {
  const size = parseSize(input.trim());
  return size === undefined ? { fault: 'A size such as 512M, 2G or 4096, or max.' } : { value: String(size) };
}

function textOf(bytes: number): string {
  const { figure, unit } = formatBytes(bytes);
  return `${figure} ${unit}`;
}

function allowedText(list: ReadingValue | undefined, cpus: number): string {
  const parsed = parseCpuList(String(list ?? ''), cpus);
  if ('fault' in parsed) return list === '' ? 'Empty: no task can join this group.' : 'A list such as 0-3,6.';
  return parsed.cpus.length === cpus ? `All ${cpus} of this machine.` : `${parsed.cpus.length} of this machine’s ${cpus}.`;
}
