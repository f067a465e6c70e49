// Limits between the form and a request: each control file that has a field, what its value means, and what is written for the typed text.
import { findControlFiles } from '../../server/contract/control-files.ts';
import type { LaunchRequest } from '../../server/contract/launch.ts';
import { allV1, allV2, type LimitVersions, limitsHere } from '../../server/contract/limit-names.ts';
import { MAX, parseSize } from '../../server/contract/units.ts';
import { type Cpus, cpusOfQuota, cpusText, DEFAULT_PERIOD_US, parseQuota } from '../group/limits/quota.ts';
import { sizeInput } from '../group/rail/size-text.ts';
import type { FormField, LaunchForm } from './launch-form.ts';

type Limits = LaunchRequest['limits'];
type Value = Limits[string];

interface LimitField {
  readonly file: string;
  readonly field: FormField;
  /** What the form asks for; undefined for nothing, or what cannot be read. */
  readonly asked: (form: LaunchForm) => Value | undefined;
  /** The field’s text or size for a value; undefined for one that the field cannot show. */
  readonly shown: (value: Value, limits: Limits) => Partial<LaunchForm> | undefined;
  /** The kernel’s value for a new group, if that is a number. */
  readonly untouched?: string;
}

/** Whether a file has a size in bytes, in either version. */
export function isSizeFile(file: string): boolean {
  return findControlFiles(file).some(({ unit }) => unit === 'bytes');
}

/** On the rail as bytes, in a field as typed. */
function size(file: string, field: 'hard' | 'soft' | 'memsw' | 'swap'): LimitField {
  return {
    file,
    field,
    asked: ({ [field]: set }) => (typeof set === 'string' ? parseSize(set.trim()) : set),
    shown: (value) => {
      const bytes = parseSize(value);
      if (bytes === undefined) return undefined;
      return { [field]: field === 'hard' || field === 'soft' ? bytes : sizeInput(bytes) };
    },
  };
}

function count(file: string, field: 'weight' | 'pids', untouched?: string): LimitField {
  return {
    file,
    field,
    asked: (form) => (/^(\d+|max)$/.test(form[field].trim()) ? form[field].trim() : undefined),
    shown: (value) => (/^(\d+|max)$/.test(String(value)) ? { [field]: String(value) } : undefined),
    ...(untouched === undefined ? {} : { untouched }),
  };
}

/** The quota as CPUs; in microseconds where three decimals of a CPU are not exact. */
function quotaShown(quotaUs: string, period: number): Partial<LaunchForm> | undefined {
  if (!/^(-?\d+|max)$/.test(quotaUs)) return undefined;
  const cpus: Cpus | undefined = cpusOfQuota(quotaUs, period);
  if (cpus === undefined) return undefined;
  const text = cpusText(cpus);
  const back = parseQuota(text, period);
  return { quota: cpus === MAX || ('quotaUs' in back && back.quotaUs === quotaUs) ? text : `${quotaUs}us` };
}

function positive(period: Value | undefined): number {
  const number = Number(period ?? DEFAULT_PERIOD_US);
  return number > 0 ? number : DEFAULT_PERIOD_US;
}

const quotaOnV1: LimitField = {
  file: 'cpu.cfs_quota_us',
  field: 'quota',
  asked: ({ quota, written }) => {
    const parsed = parseQuota(quota, positive(written['cpu.cfs_period_us']));
    return 'quotaUs' in parsed ? parsed.quotaUs : undefined;
  },
  shown: (value, limits) => quotaShown(String(value), positive(limits['cpu.cfs_period_us'])),
};

/** "50000 100000": the quota, and the period if given. */
function splitCpuMax(value: Value): { readonly quota: string; readonly period: number } {
  const [quota = MAX, period] = String(value).trim().split(/\s+/);
  return { quota, period: positive(period) };
}

const quotaOnV2: LimitField = {
  file: 'cpu.max',
  field: 'quota',
  asked: ({ quota, written }) => {
    const { period } = splitCpuMax(written['cpu.max'] ?? MAX);
    const parsed = parseQuota(quota, period);
    if (!('quotaUs' in parsed)) return undefined;
    return parsed.quotaUs === '-1' ? MAX : `${parsed.quotaUs} ${period}`;
  },
  shown: (value) => {
    const { quota, period } = splitCpuMax(value);
    return quotaShown(quota, period);
  },
};

const cpuset: LimitField = {
  file: 'cpuset.cpus',
  field: 'cpus',
  asked: ({ cpus }) => (cpus.trim() === '' ? undefined : cpus.replaceAll(/\s+/g, '')),
  shown: (value) => (typeof value === 'string' && value.trim() !== '' ? { cpus: value } : undefined),
};

const DISK_WRITES = /^(\d{1,4}:\d{1,7})\s+(\S.*)$/;

/** "8:0 10M" as the disk and its bytes a second; undefined for invalid text, or no limit. */
export function parseDiskWrites(text: string): { readonly disk: string; readonly bytesPerSec: number } | undefined {
  const [, disk, size = ''] = DISK_WRITES.exec(text.trim()) ?? [];
  const bytesPerSec = parseSize(size);
  return disk === undefined || typeof bytesPerSec !== 'number' || bytesPerSec < 1 ? undefined : { disk, bytesPerSec };
}

/** @param written how the file’s version puts the number, before it */
function diskWrites(file: string, written: string): LimitField {
  return {
    file,
    field: 'diskWrites',
    asked: (form) => {
      const parsed = parseDiskWrites(form.diskWrites);
      return parsed && `${parsed.disk} ${written}${parsed.bytesPerSec}`;
    },
    shown: (value) => {
      const [disk = '', pair = '', ...more] = String(value).trim().split(/\s+/);
      const parsed = more.length === 0 && pair.startsWith(written) ? parseDiskWrites(`${disk} ${pair.slice(written.length)}`) : undefined;
      return parsed && { diskWrites: `${parsed.disk} ${sizeInput(parsed.bytesPerSec)}` };
    },
  };
}

const IO = { 1: [diskWrites('blkio.throttle.write_bps_device', '')], 2: [diskWrites('io.max', 'wbps=')] } as const;
const MEMORY = {
  1: [size('memory.limit_in_bytes', 'hard'), size('memory.memsw.limit_in_bytes', 'memsw'), size('memory.soft_limit_in_bytes', 'soft')],
  2: [size('memory.max', 'hard'), size('memory.swap.max', 'swap'), size('memory.high', 'soft')],
} as const;
const CPU = { 1: [quotaOnV1, count('cpu.shares', 'weight', '1024')], 2: [quotaOnV2, count('cpu.weight', 'weight', '100')] } as const;

/** In an order that a new group accepts: memory and swap may never be below the hard limit. */
export function limitFieldsOn(on: LimitVersions): readonly LimitField[] {
  return [...MEMORY[on.memory], ...CPU[on.cpu], cpuset, count('pids.max', 'pids'), ...IO[on.io]];
}

/** The field for a control file of either version. */
export function limitFieldOf(file: string): FormField | undefined {
  const all = [...limitFieldsOn(allV1), ...limitFieldsOn(allV2)];
  return all.find((field) => field.file === file)?.field;
}

const IO_FILES = new Set([...IO[1], ...IO[2]].map(({ file }) => file));

/** Sizes in it as numbers, and one blank between words. */
function ioMeaning(value: Value): string {
  const [disk = '', ...words] = String(value).trim().split(/\s+/);
  const plain = words.map((word) => {
    const [, key = '', size = ''] = /^(.*=)?(.*)$/.exec(word) ?? [];
    return `${key}${parseSize(size) ?? size}`;
  });
  return [disk, ...plain].join(' ');
}

/** One spelling for all with the same meaning: "64M" and 67108864, "-1" and "max", "max 100000" and "max". */
export function limitMeaning(file: string, value: Value): string {
  if (file === 'cpu.max') {
    const { quota, period } = splitCpuMax(value);
    return quota === MAX ? MAX : `${quota} ${period}`;
  }
  if (IO_FILES.has(file)) return ioMeaning(value);
  const plain = isSizeFile(file) ? (parseSize(value) ?? value) : value;
  return String(plain) === '-1' ? MAX : String(plain).replaceAll(/\s+/g, '');
}

/** The limits to be written, keyed by control file. A request’s limit that was not changed keeps its spelling. */
export function limitsOf(form: LaunchForm): Record<string, string | number> {
  const limits: Record<string, string | number> = {};
  for (const { file, asked } of limitFieldsOn(form.on)) {
    const value = asked(form);
    const before = form.written[file];
    if (value === undefined) continue;
    if (before !== undefined && limitMeaning(file, before) === limitMeaning(file, value)) limits[file] = before;
    else if (limitMeaning(file, value) !== MAX) limits[file] = value;
  }
  return { ...limits, ...furtherLimits(form) };
}

/** Limits of a request that no field of the form shows. */
export function furtherLimits({ written, on }: Pick<LaunchForm, 'written' | 'on'>): Limits {
  const shown = new Set(
    limitFieldsOn(on)
      .filter((field) => field.file in written && field.shown(written[field.file] ?? '', written))
      .map(({ file }) => file),
  );
  return Object.fromEntries(Object.entries(written).filter(([file]) => !shown.has(file)));
}

/** This machine’s names where they have the same meaning; a limit without one keeps its name, and the server answers why it is impossible. */
function inOwnNames(limits: Limits, on: LimitVersions): Limits {
  const has = (name: string) =>
    findControlFiles(name).some(
      ({ controller, version }) => !Object.hasOwn(on, controller) || on[controller as keyof LimitVersions] === version,
    );
  try {
    const { limits: here, left } = limitsHere(limits, has);
    return { ...here, ...Object.fromEntries(left.map(({ name }) => [name, limits[name] ?? ''])) };
  } catch {
    // One limit by both names: the server asks which is meant.
    return limits;
  }
}

/** The fields that show these limits, on a machine with these versions. */
export function limitsInForm(limits: Limits, on: LimitVersions): Partial<LaunchForm> {
  const written = inOwnNames(limits, on);
  let fields: Partial<LaunchForm> = { written, on };
  for (const { file, shown } of limitFieldsOn(on)) {
    const value = written[file];
    if (value !== undefined) fields = { ...fields, ...shown(value, written) };
  }
  return fields;
}
