// Destinations and deliveries in words.
import { kindWords } from '../../server/contract/event-words.ts';
import type { Delivery, ShownDestination } from '../../server/contract/notices.ts';
import type { Severity } from '../../server/contract/severity.ts';
import { countText } from '../../server/contract/units.ts';
import type { Way } from './destination-form.ts';

export const WAYS: ReadonlyArray<{ readonly value: Way; readonly label: string }> = [
  { value: 'slack', label: 'Slack' },
  { value: 'ntfy', label: 'ntfy' },
  { value: 'discord', label: 'Discord' },
  { value: 'alertmanager', label: 'Alertmanager' },
  { value: 'json', label: 'Webhook with JSON' },
  { value: 'mail', label: 'Mail' },
];

export const SEVERITIES: ReadonlyArray<{ readonly value: Severity; readonly label: string }> = [
  { value: 'critical', label: 'Critical: killed or at a standstill' },
  { value: 'warning', label: 'Warning or worse: near a limit' },
  { value: 'info', label: 'All events' },
];

/** "Slack, hooks.slack.com …cret". */
export function whereText({ to }: ShownDestination): string {
  if (to.type === 'mail') return `Mail to ${to.to.join(', ')} by ${to.host}:${to.port}`;
  const label = WAYS.find(({ value }) => value === to.format)?.label ?? to.format;
  return `${label}, ${to.host}${to.ending === undefined ? '' : ` …${to.ending}`}`;
}

/** "Warning or worse, in /docker/**: OOM kill, Pressure". */
export function whenText({ when: { severity, groups, kinds } }: ShownDestination): string {
  const grave = { critical: 'Critical', warning: 'Warning or worse', info: 'All events' }[severity];
  const where = groups.length === 0 ? '' : ` in ${groups.join(', ')}`;
  return `${grave}${where}${kinds.length === 0 ? '' : `: ${kinds.map((kind) => kindWords[kind].name).join(', ')}`}`;
}

export function stateText({ state, attempts }: Delivery): string {
  const tries = attempts > 1 ? `, ${countText(attempts, 'attempt')}` : '';
  switch (state) {
    case 'sending':
      return 'Sending';
    case 'retrying':
      return `Tried again soon${tries}`;
    case 'delivered':
      return `Delivered${tries}`;
    case 'failed':
      return `Failed${tries}`;
    default:
      return state satisfies never;
  }
}
