// The Prometheus text format (exposition format 0.0.4): our own health, and each group's memory, CPU and processes.
import type { GroupMirror } from '../contract/mirror.ts';
import type { Readings, ReadingValue } from '../contract/readings.ts';

export interface Measured {
  readonly mirror: GroupMirror;
  readonly connected: boolean;
  readonly clients: number;
  readonly framesSkipped: number;
}

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
}

interface GroupMetric extends Metric {
  /** The readings that measure it, v1's and v2's, with the scale from the kernel's unit to the metric's; the first that is there counts. */
  readonly readings: Readonly<Record<string, number>>;
}

const NSEC = 1e-9;
const USEC = 1e-6;

const groupMetrics: readonly GroupMetric[] = [
  {
    name: 'cgdeck_group_memory_usage_bytes',
    type: 'gauge',
    help: 'Memory in use.',
    readings: { 'memory.usage_in_bytes': 1, 'memory.current': 1 },
  },
  {
    name: 'cgdeck_group_memory_limit_bytes',
    type: 'gauge',
    help: 'The hard memory limit.',
    readings: { 'memory.limit_in_bytes': 1, 'memory.max': 1 },
  },
  {
    name: 'cgdeck_group_memory_failures_total',
    type: 'counter',
    help: 'How often the memory limit was hit.',
    readings: { 'memory.failcnt': 1 },
  },
  {
    name: 'cgdeck_group_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time used.',
    readings: { 'cpuacct.usage': NSEC, 'cpu.stat:usage_usec': USEC },
  },
  { name: 'cgdeck_group_pids', type: 'gauge', help: 'Processes and threads.', readings: { 'pids.current': 1 } },
  { name: 'cgdeck_group_pids_limit', type: 'gauge', help: 'The limit on processes and threads.', readings: { 'pids.max': 1 } },
];

function labelValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function number(value: ReadingValue | undefined, scale: number): string | undefined {
  if (value === 'max') return '+Inf';
  return typeof value === 'number' ? String(value * scale) : undefined;
}

function sampleOf(metric: GroupMetric, readings: Readings): string | undefined {
  for (const [key, scale] of Object.entries(metric.readings)) {
    const value = number(readings[key], scale);
    if (value !== undefined) return value;
  }
  return undefined;
}

export function metricsText(measured: Measured): string {
  const { mirror, connected, clients, framesSkipped } = measured;
  const tick = mirror.head?.tick;
  const lines: string[] = [];
  const head = ({ name, type, help }: Metric) => lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  const own = (metric: Metric, value: number | undefined) => {
    if (value === undefined) return;
    head(metric);
    lines.push(`${metric.name} ${value}`);
  };

  own({ name: 'cgdeck_agent_connected', type: 'gauge', help: 'Whether the agent is heard.' }, Number(connected));
  own({ name: 'cgdeck_tick_interval_seconds', type: 'gauge', help: 'The time between two readings.' }, tick && tick.intervalMs / 1000);
  own({ name: 'cgdeck_tick_duration_seconds', type: 'gauge', help: 'How long the last reading took.' }, tick && tick.durationMs / 1000);
  own({ name: 'cgdeck_ticks_late_total', type: 'counter', help: 'Readings that began late or were left out.' }, tick?.late);
  own({ name: 'cgdeck_stream_clients', type: 'gauge', help: 'Connected streams.' }, clients);
  own({ name: 'cgdeck_stream_frames_skipped_total', type: 'counter', help: 'Frames left out for slow clients.' }, framesSkipped);
  own({ name: 'cgdeck_groups', type: 'gauge', help: 'Control groups.' }, mirror.groups.size);

  for (const metric of groupMetrics) {
    const samples: string[] = [];
    for (const { entry, readings } of mirror.groups.values()) {
      const value = sampleOf(metric, readings);
      if (value !== undefined) samples.push(`${metric.name}{group="${labelValue(entry.path)}"} ${value}`);
    }
    if (samples.length === 0) continue;
    head(metric);
    // One by one: spread arguments would overflow the stack on a machine with very many groups.
    for (const sample of samples) lines.push(sample);
  }
  return `${lines.join('\n')}\n`;
}
