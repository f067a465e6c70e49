// The Prometheus text format (exposition format 0.0.4): our own health, and each group's memory, CPU, processes and OOM kills.
import type { GroupMirror } from '../contract/mirror.ts';
import { measureOf, type Quantity } from '../contract/quantities.ts';
import type { ReadingValue } from '../contract/reading-value.ts';
import { machineOomKills, type OomKills } from './oom-kills.ts';

export interface Measured {
  readonly mirror: GroupMirror;
  readonly connected: boolean;
  /** Since the last frame; undefined before the first. */
  readonly frameAgeMs: number | undefined;
  /** Whether the mirror is current. */
  readonly isFresh: boolean;
  readonly clients: number;
  readonly framesSkipped: number;
  readonly oomKills: OomKills;
}

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
}

interface GroupMetric extends Metric {
  readonly quantity: Quantity;
  /** From the quantity's unit to the metric's. */
  readonly scale?: number;
}

const USEC = 1e-6;

const groupMetrics: readonly GroupMetric[] = [
  { name: 'cgdeck_group_memory_usage_bytes', type: 'gauge', help: 'Memory in use.', quantity: 'memory-usage' },
  { name: 'cgdeck_group_memory_limit_bytes', type: 'gauge', help: 'The hard memory limit.', quantity: 'memory-hard-limit' },
  {
    name: 'cgdeck_group_memory_failures_total',
    type: 'counter',
    help: 'How often the hard memory limit was hit.',
    quantity: 'memory-limit-hits',
  },
  { name: 'cgdeck_group_cpu_seconds_total', type: 'counter', help: 'CPU time used.', quantity: 'cpu-usage', scale: USEC },
  { name: 'cgdeck_group_pids', type: 'gauge', help: 'Processes and threads.', quantity: 'tasks' },
  { name: 'cgdeck_group_pids_limit', type: 'gauge', help: 'The limit on processes and threads.', quantity: 'tasks-limit' },
];

function labelValue(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

/** Prometheus has no words as values, except infinity. */
function sampleOf(value: ReadingValue | undefined, scale: number): string | undefined {
  if (value === 'max') return '+Inf';
  return typeof value === 'number' ? String(value * scale) : undefined;
}

export function metricsText(measured: Measured): string {
  const { mirror, connected, frameAgeMs, isFresh, clients, framesSkipped, oomKills } = measured;
  const tick = mirror.head?.tick;
  const lines: string[] = [];
  const head = ({ name, type, help }: Metric) => lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
  const own = (metric: Metric, value: number | undefined) => {
    if (value === undefined) return;
    head(metric);
    lines.push(`${metric.name} ${value}`);
  };

  own({ name: 'cgdeck_agent_connected', type: 'gauge', help: 'Whether the agent is connected.' }, Number(connected));
  own(
    { name: 'cgdeck_last_reading_age_seconds', type: 'gauge', help: 'Age of the agent’s last reading.' },
    frameAgeMs === undefined ? undefined : frameAgeMs / 1000,
  );
  own(
    { name: 'cgdeck_oom_kills_total', type: 'counter', help: 'Processes that the OOM killer killed on the whole machine.' },
    machineOomKills(),
  );
  own({ name: 'cgdeck_tick_interval_seconds', type: 'gauge', help: 'The time between two readings.' }, tick && tick.intervalMs / 1000);
  own({ name: 'cgdeck_tick_duration_seconds', type: 'gauge', help: 'How long the last reading took.' }, tick && tick.durationMs / 1000);
  own({ name: 'cgdeck_ticks_late_total', type: 'counter', help: 'Readings that began late or were skipped.' }, tick?.late);
  own({ name: 'cgdeck_stream_clients', type: 'gauge', help: 'Connected streams.' }, clients);
  own({ name: 'cgdeck_stream_frames_skipped_total', type: 'counter', help: 'Frames skipped for slow clients.' }, framesSkipped);
  // Prometheus would take stale values for current ones.
  if (!isFresh) return `${lines.join('\n')}\n`;

  const perGroup = (metric: Metric, samples: Iterable<readonly [path: string, value: string | number | undefined]>) => {
    let isFirst = true;
    // Not push(...samples), which overflows the stack with very many groups.
    for (const [path, value] of samples) {
      if (value === undefined) continue;
      if (isFirst) head(metric);
      isFirst = false;
      lines.push(`${metric.name}{group="${labelValue(path)}"} ${value}`);
    }
  };
  own({ name: 'cgdeck_groups', type: 'gauge', help: 'Control groups.' }, mirror.groups.size);
  const groups = [...mirror.groups.values()];
  for (const metric of groupMetrics) {
    perGroup(
      metric,
      groups.map(({ entry, readings }) => [entry.path, sampleOf(measureOf(metric.quantity, readings), metric.scale ?? 1)]),
    );
  }
  const help = 'Processes of the group that the OOM killer killed; kept after the group is removed.';
  perGroup({ name: 'cgdeck_group_oom_kills_total', type: 'counter', help }, oomKills.all());
  return `${lines.join('\n')}\n`;
}
