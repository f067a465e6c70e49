// Which readings each chart of a group draws, in what colour and shape; and all keys that the page's history needs.
import { fileOfReading, findControlFile } from '../../../server/contract/control-files.ts';
import type { ChartUnit } from '../../charts/scales.ts';
import type { SeriesSpec } from '../../charts/series.ts';

export interface ChartSpec {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly unit: ChartUnit;
  readonly least: number;
  readonly series: readonly SeriesSpec[];
}

const gauge = { from: 'gauge', merge: 'max' } as const;
const limit = { from: 'gauge', merge: 'last', shape: 'step' } as const;
const rate = { from: 'rate', merge: 'mean', shape: 'line' } as const;

/** A band for each core is readable up to here; above, the group's CPUs are drawn as one. */
const MOST_CORES = 16;
/** So many are named in the legend; of more it says only the sum. */
const MOST_NAMED = 4;
/** Neighbouring cores keep apart by two strengths of the one colour that means usage. */
const coreColor = (cpu: number) => (cpu % 2 === 0 ? 'var(--usage)' : 'color-mix(in srgb, var(--usage) 62%, var(--raised))');

function cpuSeries(cpus: number): readonly SeriesSpec[] {
  const all = { ...rate, id: 'cpu', label: 'All', color: 'var(--usage)', reading: 'cpuacct.usage', scale: 1e-7 } as const;
  const quota = {
    ...limit,
    id: 'quota',
    label: 'Quota',
    short: '',
    color: 'var(--hard)',
    reading: 'cpu.cfs_quota_us',
    per: 'cpu.cfs_period_us',
    scale: 100,
  } as const;
  if (cpus > MOST_CORES) return [{ ...all, shape: 'area' }, quota];
  const cores = Array.from({ length: cpus }, (_, cpu) => ({
    ...rate,
    id: `cpu${cpu}`,
    label: `CPU ${cpu}`,
    short: `${cpu}`,
    bare: true,
    shape: 'area' as const,
    stacked: true,
    unnamed: cpus > MOST_NAMED,
    color: coreColor(cpu),
    reading: `cpuacct.usage_percpu:${cpu}`,
    scale: 1e-7,
  }));
  return [{ ...all, shape: 'none' }, quota, ...cores];
}

/** Seen from the process: what it sends is egress, whatever end of the pair it is counted at. */
const network: ChartSpec = {
  id: 'network',
  title: 'Network',
  about: 'bits per second, seen from the process',
  unit: 'bitsPerSec',
  least: 10_000,
  series: [
    { ...rate, id: 'egress', label: 'Sent', color: 'var(--series-2)', reading: 'net.tx_bytes', scale: 8 },
    { ...rate, id: 'ingress', label: 'Received', color: 'var(--series-5)', reading: 'net.rx_bytes', scale: 8 },
  ],
};

/** @param cpus of the machine; @param routed whether the group has a network whose traffic is counted */
export function groupCharts(cpus: number, routed: boolean): readonly ChartSpec[] {
  return [
    {
      id: 'memory',
      title: 'Memory',
      about: 'usage against its limits',
      unit: 'bytes',
      least: 4 * 2 ** 20,
      series: [
        { ...gauge, id: 'usage', label: 'Usage', shape: 'area', color: 'var(--usage)', reading: 'memory.usage_in_bytes' },
        { ...gauge, id: 'peak', label: 'Peak', shape: 'line', dashed: true, color: 'var(--text)', reading: 'memory.max_usage_in_bytes' },
        { ...limit, id: 'soft', label: 'Soft', dashed: true, color: 'var(--soft)', reading: 'memory.soft_limit_in_bytes' },
        { ...limit, id: 'hard', label: 'Hard', color: 'var(--hard)', reading: 'memory.limit_in_bytes' },
      ],
    },
    {
      id: 'cpu',
      title: 'CPU',
      about: cpus > MOST_CORES ? 'percent of one CPU' : 'by core, stacked; 100 % is one CPU',
      unit: 'percent',
      least: 20,
      series: cpuSeries(cpus),
    },
    {
      id: 'pressure',
      title: 'Pressure',
      about: 'time in which some task waited, 10 s average',
      unit: 'percent',
      least: 5,
      series: [
        {
          ...gauge,
          id: 'psi-memory',
          label: 'Memory',
          shape: 'line',
          color: 'var(--pressure-medium)',
          reading: 'memory.pressure:some.avg10',
        },
        { ...gauge, id: 'psi-cpu', label: 'CPU', shape: 'line', color: 'var(--series-1)', reading: 'cpu.pressure:some.avg10' },
        { ...gauge, id: 'psi-io', label: 'IO', shape: 'line', color: 'var(--series-3)', reading: 'io.pressure:some.avg10' },
      ],
    },
    {
      id: 'io',
      title: 'Disk',
      about: 'bytes per second, with groups below',
      unit: 'bytesPerSec',
      least: 64 * 1024,
      series: [
        { ...rate, id: 'read', label: 'Read', color: 'var(--series-5)', reading: 'blkio.throttle.io_service_bytes_recursive:Read' },
        { ...rate, id: 'write', label: 'Written', color: 'var(--series-2)', reading: 'blkio.throttle.io_service_bytes_recursive:Write' },
      ],
    },
    {
      id: 'pids',
      title: 'Tasks',
      about: 'processes and threads',
      unit: 'count',
      least: 4,
      series: [
        { ...gauge, id: 'pids', label: 'Tasks', shape: 'area', color: 'var(--usage)', reading: 'pids.current' },
        { ...limit, id: 'pids-max', label: 'Most', color: 'var(--hard)', reading: 'pids.max' },
      ],
    },
    {
      id: 'held',
      title: 'Held back',
      about: 'how often a limit stepped in',
      unit: 'perSec',
      least: 2,
      series: [
        { ...rate, id: 'failcnt', label: 'Memory limit', color: 'var(--hard)', reading: 'memory.failcnt' },
        { ...rate, id: 'throttled', label: 'CPU quota', color: 'var(--series-1)', reading: 'cpu.stat:nr_throttled' },
      ],
    },
    ...(routed ? [network] : []),
  ];
}

export function historyKeys(charts: readonly ChartSpec[]): string[] {
  return [
    'freezer.state',
    ...charts.flatMap(({ series }) => series.flatMap(({ reading, per }) => (per === undefined ? [reading] : [reading, per]))),
  ];
}

/** Why a chart stays empty in this group; undefined where its readings can come. */
export function absentReason({ series }: ChartSpec, controllers: readonly string[], isRoot: boolean): string | undefined {
  // Counters of a device are in no hierarchy.
  if (series.every(({ reading }) => reading.startsWith('net.'))) return undefined;
  const files = series.map(({ reading }) => findControlFile(fileOfReading(reading))).filter((file) => file !== undefined);
  const has = files.some(({ controller, version }) => (version === 2 ? controllers.includes('unified') : controllers.includes(controller)));
  if (!has) {
    const names = [...new Set(files.map(({ controller, version }) => (version === 2 ? 'unified' : controller)))];
    return `This group is not in the ${names.join(' or ')} hierarchy.`;
  }
  return isRoot && files.every(({ notInRoot }) => notInRoot) ? 'The kernel keeps no such readings for the root group.' : undefined;
}
