// Disk limits from io.max’s readings, and a typed limit in the kernel’s form.
import type { Readings, ReadingValue } from '../../../server/contract/readings.ts';
import { formatBytes, formatCount, type MAX, parseSize } from '../../../server/contract/units.ts';

export const diskLimitKinds = ['wbps', 'rbps', 'wiops', 'riops'] as const;
export type DiskLimitKind = (typeof diskLimitKinds)[number];

export const diskLimitWords: Record<DiskLimitKind, { readonly label: string; readonly unit: string }> = {
  wbps: { label: 'Written', unit: 'B/s' },
  rbps: { label: 'Read', unit: 'B/s' },
  wiops: { label: 'Writes', unit: '/s' },
  riops: { label: 'Reads', unit: '/s' },
};

export interface DiskLimit {
  /** major:minor */
  readonly disk: string;
  readonly kind: DiskLimitKind;
  /** Bytes or operations per second. */
  readonly perSec: number;
}

const PREFIX = 'io.max:';

/** The key of a limit's reading. */
export function diskLimitKey(disk: string, kind: DiskLimitKind): string {
  return `${PREFIX}${disk} ${kind}`;
}

/** A limit in io.max’s form. */
export function diskLimitText(disk: string, kind: DiskLimitKind, perSec: ReadingValue): string {
  return `${disk} ${kind}=${perSec}`;
}

/** Limits that are set, by disk; the kernel’s lines have max for the others. */
export function diskLimits(readings: Readings): DiskLimit[] {
  const found = Object.entries(readings).flatMap(([key, value]) => {
    if (!key.startsWith(PREFIX) || typeof value !== 'number') return [];
    const [disk = '', name] = key.slice(PREFIX.length).split(' ');
    const kind = diskLimitKinds.find((one) => one === name);
    return kind === undefined ? [] : [{ disk, kind, perSec: value }];
  });
  return found.sort(
    (a, b) => a.disk.localeCompare(b.disk, 'en', { numeric: true }) || diskLimitKinds.indexOf(a.kind) - diskLimitKinds.indexOf(b.kind),
  );
}

/** The disks in io.stat, in its order. */
export function disksOf(ioStat: string): string[] {
  return ioStat.split('\n').flatMap((line) => /^(\d+:\d+) \S+=/.exec(line)?.[1] ?? []);
}

/** Bytes or operations per second, or what is wrong with the input. */
export function parsePerSec(input: string): { readonly perSec: number | typeof MAX } | { readonly fault: string } {
  const size = parseSize(input.trim().replace(/ ?\/ ?s$/, ''));
  if (size === undefined || size === 0) return { fault: 'A number such as 10M or 500, or max.' };
  return { perSec: size };
}

/** "10.0 MiB/s", "500 /s". */
export function perSecText({ kind, perSec }: Pick<DiskLimit, 'kind' | 'perSec'>): string {
  const { figure, unit } = kind.endsWith('bps') ? formatBytes(perSec) : formatCount(perSec);
  return `${figure} ${unit}/s`;
}
