// Events by time: how many of each tone are in each bin of the timeline.

import { type EventTone, kindWords } from '../../server/contract/event-words.ts';
import type { Event } from '../../server/contract/events.ts';
import { countText } from '../../server/contract/units.ts';

export const tones = ['oom', 'pressure', 'frozen', 'act', 'life'] as const satisfies readonly EventTone[];

/** One event of each tone, and several. */
const COUNTED: Record<EventTone, readonly [string, string]> = {
  oom: ['out-of-memory event', 'out-of-memory events'],
  pressure: ['pressure event', 'pressure events'],
  frozen: ['freeze or thaw', 'freezes and thaws'],
  act: ['action', 'actions'],
  life: ['event of a group or process', 'events of groups and processes'],
};

export interface Bin {
  readonly fromMs: number;
  readonly toMs: number;
  readonly counts: Readonly<Record<EventTone, number>>;
  readonly total: number;
}

/** "6 freezes and thaws, 1 action" */
export function binWords({ counts }: Bin): string {
  return tones.flatMap((tone) => (counts[tone] > 0 ? countText(counts[tone], ...COUNTED[tone]) : [])).join(', ');
}

export function densityBins(events: readonly Event[], fromMs: number, toMs: number, count: number): Bin[] {
  const width = Math.max(1, (toMs - fromMs) / count);
  const bins = Array.from({ length: count }, (_, i) => ({
    fromMs: fromMs + i * width,
    toMs: fromMs + (i + 1) * width,
    counts: { oom: 0, pressure: 0, frozen: 0, act: 0, life: 0 },
    total: 0,
  }));
  for (const event of events) {
    const bin = bins[Math.min(count - 1, Math.floor((event.time - fromMs) / width))];
    if (!bin || event.time < fromMs) continue;
    bin.counts[kindWords[event.kind].tone]++;
    bin.total++;
  }
  return bins;
}

const STEPS_MS = [1e3, 5e3, 15e3, 30e3, 60e3, 120e3, 300e3, 600e3, 900e3, 1_800e3, 3_600e3, 7_200e3, 21_600e3, 43_200e3, 86_400e3] as const;

/** Round times for the axis, at most `most` of them. */
export function timeTicks(fromMs: number, toMs: number, most: number): number[] {
  const step = STEPS_MS.find((ms) => (toMs - fromMs) / ms <= most) ?? Math.ceil((toMs - fromMs) / most / 86_400e3) * 86_400e3;
  const ticks: number[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs; at += step) ticks.push(at);
  return ticks;
}
