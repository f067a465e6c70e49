// The limits beside the rail, by the version that has each controller: file, typed form, hint.

import type { Controller } from '../../../server/contract/controller.ts';
import { cpusIn } from '../../../server/contract/cpu-list.ts';
import { keyOn, type Quantity } from '../../../server/contract/quantities.ts';
import type { Readings, ReadingValue } from '../../../server/contract/readings.ts';
import { bytesText, durationText, MAX, parseSize, SIZE_HELP } from '../../../server/contract/units.ts';
import type { LimitAbove } from '../rail/facts.ts';
import { sizeInput } from '../rail/size-text.ts';
import { kernelSize } from '../rail/use-thumb.ts';
import { type CpusToChoose, parseCpuList } from './cpu-list.ts';
import type { LimitFieldProps, Parsed } from './limit-field.tsx';
import { cpuMaxOf, cpusOfQuota, cpusText, DEFAULT_PERIOD_US, parseQuota } from './quota.ts';

export interface LimitSpec
  extends Pick<LimitFieldProps, 'label' | 'file' | 'unit' | 'toInput' | 'parse' | 'ofText' | 'hint' | 'caution' | 'placeholder'> {
  /** The key of the reading; the file's, or one part of it. */
  readonly key: string;
  readonly version: 1 | 2;
}

export interface SpecsFrom {
  readonly readings: Readings;
  readonly cpus: CpusToChoose;
  readonly versionOf: (controller: Controller) => 1 | 2;
  readonly protectedAbove?: LimitAbove | undefined;
}

export function limitSpecs(from: SpecsFrom): readonly LimitSpec[] {
  const memory = from.versionOf('memory') === 1 ? [memsw(from)] : [swap(from), protection(from)];
  return [quota(from), weight(from), allowedCpus(from), tasks(from), ...memory];
}

/** Of the microseconds in which v1 and v2 count. */
function msText(us: ReadingValue): string {
  return durationText(Number(us) / 1000);
}

function quota({ readings, versionOf }: SpecsFrom): LimitSpec {
  const version = versionOf('cpu');
  const key = keyOf('cpu-quota', version);
  const period = Number(readings[keyOf('cpu-period', version)] ?? DEFAULT_PERIOD_US);
  const now = readings[key];
  const none = now === undefined || cpusOfQuota(now, period) === MAX;
  return {
    key,
    version,
    file: version === 1 ? key : 'cpu.max',
    label: 'CPU quota',
    unit: 'CPUs',
    toInput: (value) => cpusText(cpusOfQuota(value, period) ?? MAX),
    parse: (input) => {
      const parsed = parseQuota(input, period);
      if ('fault' in parsed) return parsed;
      return { value: version === 1 ? parsed.quotaUs : cpuMaxOf(parsed.quotaUs) };
    },
    // "150000 100000": v2 has quota and period in one line.
    ofText: (text) => text.split(' ')[0] ?? text,
    hint: none ? `No limit; 0.5 is half a CPU.` : `${msText(now)} of CPU time in every ${msText(period)}.`,
  };
}

const WEIGHT = {
  1: { unit: 'shares', usual: 1024, least: 2, most: 262_144 },
  2: { unit: undefined, usual: 100, least: 1, most: 10_000 },
} as const;

function weight({ readings, versionOf }: SpecsFrom): LimitSpec {
  const version = versionOf('cpu');
  const key = keyOf(version === 1 ? 'cpu-shares' : 'cpu-weight', version);
  const { unit, usual, least, most } = WEIGHT[version];
  const now = readings[key];
  return {
    key,
    version,
    file: key,
    label: 'CPU weight',
    ...(unit === undefined ? {} : { unit }),
    toInput: String,
    parse: (input) =>
      /^\d{1,9}$/.test(input.trim())
        ? { value: input.trim() }
        : { fault: `Enter a whole number from ${least} to ${most}; the default is ${usual}.` },
    hint:
      typeof now === 'number'
        ? `×${Number((now / usual).toPrecision(3))} of the default ${usual}, when CPUs are busy.`
        : 'Share against sibling groups.',
  };
}

function allowedCpus({ readings, cpus, versionOf }: SpecsFrom): LimitSpec {
  const version = versionOf('cpuset');
  const key = keyOf('cpus-asked', version);
  return {
    key,
    version,
    file: key,
    label: 'CPUs allowed',
    ...(version === 2 ? { placeholder: 'its parent’s' } : {}),
    toInput: String,
    parse: (input) => {
      const text = input.replaceAll(/\s+/g, '');
      // v2 takes an empty list: the parent’s CPUs.
      if (version === 2 && text === '') return { value: text };
      const parsed = parseCpuList(text, cpus);
      return 'fault' in parsed ? parsed : { value: text };
    },
    hint: allowedText(readings[key], version === 2 ? readings[keyOf('cpus-in-force', 2)] : undefined, cpus),
  };
}

function allowedText(asked: ReadingValue | undefined, inForce: ReadingValue | undefined, { list, of }: CpusToChoose): string {
  if (asked === '' && inForce !== undefined) return `Empty: the parent’s CPUs, now ${inForce}.`;
  if (asked === '') return 'Empty: no task can join this group.';
  const cpus = cpusIn(String(asked ?? '-'));
  if (!cpus) return 'A list such as 0-3,6.';
  const all = cpusIn(list) ?? [];
  const count = cpus.length === all.length ? `All ${all.length} of ${of}` : `${cpus.length} of ${of}’s ${all.length}`;
  return inForce === undefined || String(inForce) === String(asked) ? `${count}.` : `${count}; ${inForce} are in force.`;
}

function tasks({ readings, versionOf }: SpecsFrom): LimitSpec {
  const now = readings['pids.current'];
  return {
    key: 'pids.max',
    version: versionOf('pids'),
    file: 'pids.max',
    label: 'Most tasks',
    unit: 'tasks',
    toInput: String,
    parse: (input) => {
      const text = input.trim();
      return text === MAX || /^\d{1,7}$/.test(text) ? { value: text } : { fault: 'Enter a whole number or max.' };
    },
    hint: now === undefined ? 'Further forks fail with EAGAIN.' : `${now} now; further forks fail with EAGAIN.`,
  };
}

function sizeSpec(quantity: Quantity, version: 1 | 2, label: string, hint: string): LimitSpec {
  const key = keyOf(quantity, version);
  return { key, version, file: key, label, toInput: (value) => sizeInput(kernelSize(String(value))), parse: parseBytes, hint };
}

function memsw({ readings }: SpecsFrom): LimitSpec {
  const now = readings[keyOf('memsw-usage', 1)];
  const hint = typeof now === 'number' ? `${bytesText(now)} now; at least the hard limit.` : 'The hard limit on memory and swap together.';
  return sizeSpec('memsw-limit', 1, 'Memory + swap', hint);
}

function swap({ readings }: SpecsFrom): LimitSpec {
  const now = readings[keyOf('swap-usage', 2)];
  const start = typeof now === 'number' ? `${bytesText(now)} now; ` : '';
  return sizeSpec('swap-limit', 2, 'Most swap', `${start}0 means no swapping.`);
}

function protection({ readings, protectedAbove }: SpecsFrom): LimitSpec {
  const now = readings[keyOf('memory-protection', 2)];
  const hint =
    now === 0
      ? 'Memory up to this is reclaimed last; 0 protects nothing.'
      : 'Memory up to this is reclaimed only when nothing else is left.';
  return { ...sizeSpec('memory-protection', 2, 'Protected', hint), caution: cutBelow(protectedAbove, now) };
}

/** A group's protection is a share of its parent's (cgroup-v2.rst, memory.low). */
function cutBelow(above: SpecsFrom['protectedAbove'], now: ReadingValue | undefined): string | undefined {
  if (now === undefined || now === 0 || above === undefined || (typeof now === 'number' && now <= above.bytes)) return undefined;
  return above.bytes === 0
    ? `No effect: ${above.group} has no protection.`
    : `Only ${bytesText(above.bytes)} has effect: ${above.group} has no more protection.`;
}

function keyOf(quantity: Quantity, version: 1 | 2): string {
  return keyOn(quantity, version) ?? '';
}

function parseBytes(input: string): Parsed {
  const size = parseSize(input.trim());
  return size === undefined ? { fault: `Enter max, or a size ${SIZE_HELP}.` } : { value: String(size) };
}
