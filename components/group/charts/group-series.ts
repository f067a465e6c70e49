// The series of each chart of a group, with colour and shape; and all reading keys that the page’s history needs.
import { fileOfReading, findControlFile } from '../../../server/contract/control-files.ts';
import type { Controller } from '../../../server/contract/controller.ts';
import { mayHave, type PlacedGroup, whyAbsent } from '../../../server/contract/presence.ts';
import { divisorOf, keyOn, keysOf, type Quantity } from '../../../server/contract/quantities.ts';
import type { ChartUnit } from '../../charts/scales.ts';
import type { SeriesSpec } from '../../charts/series.ts';

export interface ChartSpec {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly unit: ChartUnit;
  readonly least: number;
  readonly series: readonly SeriesSpec[];
  /** The version whose files it shows; absent for what is in no control file. */
  readonly version?: 1 | 2;
}

type VersionOf = (controller: Controller) => 1 | 2;

const gauge = { from: 'gauge', merge: 'max' } as const;
const limit = { from: 'gauge', merge: 'last', shape: 'step' } as const;
const rate = { from: 'rate', merge: 'mean', shape: 'line' } as const;

/** Up to this number each CPU has its own band; above, the group’s CPUs are one. */
const MOST_CORES = 16;
/** So many have a name in the legend; of more it shows only the sum. */
const MOST_NAMED = 4;
/** Neighbouring bands differ by two strengths of the colour for usage. */
function bandColor(band: number): string {
  return band % 2 === 0 ? 'var(--color-usage)' : 'color-mix(in srgb, var(--color-usage) 62%, var(--color-raised))';
}

/** A quantity as a series: the reading’s key, and the scale from the kernel’s number to the chart’s unit. */
function source(quantity: Quantity, version: 1 | 2, scale = 1): { readonly reading: string; readonly scale: number } {
  const reading = keyOn(quantity, version) ?? '';
  return { reading, scale: scale / divisorOf(quantity, reading) };
}

/** Microseconds of CPU time a second, as percent of one CPU. */
const PERCENT_OF_USEC = 1e-4;
/** The same for cpuacct.usage_percpu, which counts nanoseconds. */
const PERCENT_OF_NSEC = 1e-7;

/** v1 counts by CPU; v2 only in user and in system mode. */
function cpuSeries(cpus: readonly number[], version: 1 | 2): readonly SeriesSpec[] {
  const all = { ...rate, id: 'cpu', label: 'All', color: 'var(--color-usage)', ...source('cpu-usage', version, PERCENT_OF_USEC) } as const;
  const quota = {
    ...limit,
    id: 'quota',
    label: 'Quota',
    short: '',
    color: 'var(--color-hard)',
    ...source('cpu-quota', version, 100),
    per: keyOn('cpu-period', version) ?? '',
  } as const;
  if (version === 2) return [{ ...all, shape: 'none' }, quota, ...modes];
  if (cpus.length > MOST_CORES) return [{ ...all, shape: 'area' }, quota];
  const cores = cpus.map((cpu, place) => ({
    ...rate,
    id: `cpu${cpu}`,
    label: `CPU ${cpu}`,
    short: `${cpu}`,
    bare: true,
    shape: 'area' as const,
    stacked: true,
    unnamed: cpus.length > MOST_NAMED,
    color: bandColor(place),
    reading: `cpuacct.usage_percpu:${cpu}`,
    scale: PERCENT_OF_NSEC,
  }));
  return [{ ...all, shape: 'none' }, quota, ...cores];
}

const modes: readonly SeriesSpec[] = (['user', 'system'] as const).map((mode, band) => ({
  ...rate,
  id: mode,
  label: mode === 'user' ? 'User' : 'System',
  bare: true,
  shape: 'area',
  stacked: true,
  color: bandColor(band),
  ...source(`cpu-${mode}`, 2, PERCENT_OF_USEC),
}));

function cpuAbout(cpus: readonly number[], version: 1 | 2): string {
  if (version === 2) return 'user and system, stacked; 100 % is one CPU';
  return cpus.length > MOST_CORES ? 'percent of one CPU' : 'by core, stacked; 100 % is one CPU';
}

/** From the process’s side: what it sends is egress, whichever end of the pair is counted. */
const network: ChartSpec = {
  id: 'network',
  title: 'Network',
  about: 'bits per second, from the process’s side',
  unit: 'bitsPerSec',
  least: 10_000,
  series: [
    { ...rate, id: 'egress', label: 'Sent', color: 'var(--color-series-2)', reading: 'net.tx_bytes', scale: 8 },
    { ...rate, id: 'ingress', label: 'Received', color: 'var(--color-series-5)', reading: 'net.rx_bytes', scale: 8 },
  ],
};

export interface ChartsFrom {
  /** The numbers of those that are online. */
  readonly cpus: readonly number[];
  /** Whether the group has a network whose traffic is counted. */
  readonly routed: boolean;
  readonly versionOf: VersionOf;
}

export function groupCharts({ cpus, routed, versionOf }: ChartsFrom): readonly ChartSpec[] {
  const memory = versionOf('memory');
  const cpu = versionOf('cpu');
  const io = versionOf('io');
  return [
    {
      id: 'memory',
      title: 'Memory',
      about: 'usage against its limits',
      unit: 'bytes',
      least: 4 * 2 ** 20,
      version: memory,
      series: [
        { ...gauge, id: 'usage', label: 'Usage', shape: 'area', color: 'var(--color-usage)', ...source('memory-usage', memory) },
        { ...gauge, id: 'peak', label: 'Peak', shape: 'line', dashed: true, color: 'var(--color-text)', ...source('memory-peak', memory) },
        { ...limit, id: 'soft', label: 'Soft', dashed: true, color: 'var(--color-soft)', ...source('memory-soft-limit', memory) },
        { ...limit, id: 'hard', label: 'Hard', color: 'var(--color-hard)', ...source('memory-hard-limit', memory) },
      ],
    },
    { id: 'cpu', title: 'CPU', about: cpuAbout(cpus, cpu), unit: 'percent', least: 20, version: cpu, series: cpuSeries(cpus, cpu) },
    {
      id: 'pressure',
      title: 'Pressure',
      about: 'time in which some task waited, 10 s average',
      unit: 'percent',
      least: 5,
      version: 2,
      series: (
        [
          ['memory', 'Memory', 'pressure-medium'],
          ['cpu', 'CPU', 'series-1'],
          ['io', 'IO', 'series-3'],
        ] as const
      ).map(([of, label, color]) => ({
        ...gauge,
        id: `psi-${of}`,
        label,
        shape: 'line',
        color: `var(--color-${color})`,
        reading: `${of}.pressure:some.avg10`,
      })),
    },
    {
      id: 'io',
      title: 'Disk',
      about: 'bytes per second, with groups below',
      unit: 'bytesPerSec',
      least: 64 * 1024,
      version: io,
      series: [
        { ...rate, id: 'read', label: 'Read', color: 'var(--color-series-5)', ...source('io-read', io) },
        { ...rate, id: 'write', label: 'Written', color: 'var(--color-series-2)', ...source('io-written', io) },
      ],
    },
    {
      id: 'pids',
      title: 'Tasks',
      about: 'processes and threads',
      unit: 'count',
      least: 4,
      version: versionOf('pids'),
      series: [
        { ...gauge, id: 'pids', label: 'Tasks', shape: 'area', color: 'var(--color-usage)', ...source('tasks', versionOf('pids')) },
        { ...limit, id: 'pids-max', label: 'Most', color: 'var(--color-hard)', ...source('tasks-limit', versionOf('pids')) },
      ],
    },
    heldBack(versionOf),
    ...(routed ? [network] : []),
  ];
}

function heldBack(versionOf: VersionOf): ChartSpec {
  const memory = versionOf('memory');
  const soft = { ...rate, id: 'slowed', label: 'Soft limit', color: 'var(--color-soft)', ...source('memory-soft-limit-hits', 2) };
  const withSwap = { ...rate, id: 'memsw-hits', label: 'With swap', color: 'var(--color-soft)', ...source('memsw-limit-hits', 1) };
  return {
    id: 'held',
    title: 'Limit hits',
    about: 'how often a limit was hit',
    unit: 'perSec',
    least: 2,
    version: memory,
    series: [
      { ...rate, id: 'hits', label: 'Memory limit', color: 'var(--color-hard)', ...source('memory-limit-hits', memory) },
      // v1’s soft limit slows nothing down; where memory and swap have the limit of memory, theirs is hit.
      ...(memory === 2 ? [soft] : [withSwap]),
      {
        ...rate,
        id: 'throttled',
        label: 'CPU quota',
        color: 'var(--color-series-1)',
        ...source('cpu-throttled-periods', versionOf('cpu')),
      },
    ],
  };
}

export function historyKeys(charts: readonly ChartSpec[]): string[] {
  return [
    ...keysOf('freezer-state'),
    ...charts.flatMap(({ series }) => series.flatMap(({ reading, per }) => (per === undefined ? [reading] : [reading, per]))),
  ];
}

/**
 * Why a chart is empty for this group; undefined where it can have readings.
 * @param type the group’s cgroup.type, where it is known
 */
export function absentReason({ series, version }: ChartSpec, group: PlacedGroup, type?: string): string | undefined {
  if (version === undefined) return undefined;
  const files = series
    .map(({ reading }) => findControlFile(fileOfReading(reading), version) ?? findControlFile(fileOfReading(reading)))
    .filter((file) => file !== undefined);
  const [first] = files;
  return first === undefined || files.some((file) => mayHave(group, file)) ? undefined : whyAbsent(group, first, type);
}
