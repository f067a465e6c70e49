// How grave an event is.
import type { Event } from './events.ts';

/** From the least to the gravest. */
export const severities = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof severities)[number];

/** How grave an event is: critical where something was killed or stands still, warning where that is near or over. */
export function severityOf(event: Event): Severity {
  switch (event.kind) {
    case 'oom_kill':
    case 'hold':
      return 'critical';
    case 'oom':
      return event.underOom ? 'critical' : 'warning';
    case 'threshold':
    case 'forecast':
    case 'decision':
      return 'warning';
    case 'pressure':
      return event.level === 'critical' ? 'warning' : 'info';
    default:
      return 'info';
  }
}

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}
