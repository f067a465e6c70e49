// Limits between the form and a request: each control file that has a field, what its value means, and what is written for what was typed.
import type { LaunchRequest } from '../../server/contract/launch.ts';
import { MAX, parseSize } from '../../server/contract/units.ts';
import { cpusOfQuota, cpusText, DEFAULT_PERIOD_US, parseQuota } from '../group/limits/quota.ts';
import { sizeInput } from '../group/rail/size-text.ts';
import type { FormField, LaunchForm } from './launch-form.ts';

type Limits = LaunchRequest['limits'];
type Value = Limits[string];

interface LimitField {
  readonly file: string;
  readonly field: FormField;
  /** What the form asks for; undefined: nothing, or nothing that can be read. */
  readonly asked: (form: LaunchForm) => Value | undefined;
  /** The field's text or size for a value; undefined for one that the field cannot show. */
  readonly shown: (value: Value, limits: Limits) => Partial<LaunchForm> | undefined;
}

function periodOf(limits: Limits): number {
  const period = Number(limits['cpu.cfs_period_us'] ?? DEFAULT_PERIOD_US);
  return period > 0 ? period : DEFAULT_PERIOD_US;
}

function size(file: string, field: 'hard' | 'soft'): LimitField {
  return {
    file,
    field,
    asked: (form) => form[field],
    shown: (value) => {
      const bytes = parseSize(value);
      return bytes === undefined ? undefined : { [field]: bytes };
    },
  };
}

function count(file: string, field: 'shares' | 'pids'): LimitField {
  return {
    file,
    field,
    asked: (form) => (/^(\d+|max)$/.test(form[field].trim()) ? form[field].trim() : undefined),
    shown: (value) => (/^(\d+|max)$/.test(String(value)) ? { [field]: String(value) } : undefined),
  };
}

/** In the order in which they can be written to a new group: memory and swap may never be under the hard limit. */
export const limitFields: readonly LimitField[] = [
  size('memory.limit_in_bytes', 'hard'),
  {
    file: 'memory.memsw.limit_in_bytes',
    field: 'memsw',
    asked: ({ memsw }) => parseSize(memsw.trim()),
    shown: (value) => {
      const bytes = parseSize(value);
      return bytes === undefined ? undefined : { memsw: sizeInput(bytes) };
    },
  },
  size('memory.soft_limit_in_bytes', 'soft'),
  {
    file: 'cpu.cfs_quota_us',
    field: 'quota',
    asked: ({ quota, written }) => {
      const parsed = parseQuota(quota, periodOf(written));
      return 'quotaUs' in parsed ? parsed.quotaUs : undefined;
    },
    shown: (value, limits) => {
      if (!/^(-?\d+|max)$/.test(String(value))) return undefined;
      const period = periodOf(limits);
      const cpus = cpusOfQuota(value, period);
      if (cpus === undefined) return undefined;
      // Three decimals of a CPU do not name every quota: then its microseconds are shown.
      const text = cpusText(cpus);
      const back = parseQuota(text, period);
      return { quota: cpus === MAX || ('quotaUs' in back && back.quotaUs === String(value)) ? text : `${value}us` };
    },
  },
  count('cpu.shares', 'shares'),
  {
    file: 'cpuset.cpus',
    field: 'cpus',
    asked: ({ cpus }) => (cpus.trim() === '' ? undefined : cpus.replaceAll(/\s+/g, '')),
    shown: (value) => (typeof value === 'string' && value.trim() !== '' ? { cpus: value } : undefined),
  },
  count('pids.max', 'pids'),
];

/** One spelling for all that mean the same: "64M" and 67108864, "-1" and "max". */
export function limitMeaning(file: string, value: Value): string {
  const plain = file.endsWith('_in_bytes') ? (parseSize(value) ?? value) : value;
  return String(plain) === '-1' ? MAX : String(plain).replaceAll(/\s+/g, '');
}

/** The limits to be written, keyed by control file. What a request had and nobody changed stays spelled as it was. */
export function limitsOf(form: LaunchForm): Record<string, string | number> {
  const limits: Record<string, string | number> = {};
  for (const { file, asked } of limitFields) {
    const value = asked(form);
    const before = form.written[file];
    if (value === undefined) continue;
    if (before !== undefined && limitMeaning(file, before) === limitMeaning(file, value)) limits[file] = before;
    else if (limitMeaning(file, value) !== MAX) limits[file] = value;
  }
  return { ...limits, ...furtherLimits(form.written) };
}

/** What a request limits and no field of the form shows. */
export function furtherLimits(written: Limits): Limits {
  const shown = new Set(
    limitFields.filter(({ file, shown }) => file in written && shown(written[file] ?? '', written)).map(({ file }) => file),
  );
  return Object.fromEntries(Object.entries(written).filter(([file]) => !shown.has(file)));
}

/** The fields that show these limits. */
export function limitsInForm(limits: Limits): Partial<LaunchForm> {
  let fields: Partial<LaunchForm> = { written: limits };
  for (const { file, shown } of limitFields) {
    const value = limits[file];
    if (value !== undefined) fields = { ...fields, ...shown(value, limits) };
  }
  return fields;
}
