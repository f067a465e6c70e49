// Of new events, what the person at this browser is notified of.

import { eventName, eventSentence } from '../../server/contract/event-words.ts';
import type { Event } from '../../server/contract/events.ts';
import { isAtLeast, severityOf } from '../../server/contract/severity.ts';

export interface News {
  readonly title: string;
  readonly body: string;
  readonly severity: 'warning' | 'critical';
}

/** @returns undefined if none of the events is so grave */
export function newsOf(events: readonly Event[], least: 'warning' | 'critical'): News | undefined {
  const wanted = events.filter((event) => isAtLeast(severityOf(event), least));
  const worst = wanted.find((event) => severityOf(event) === 'critical') ?? wanted[0];
  if (!worst) return undefined;
  return {
    title: `${eventName(worst)} in ${worst.group}`,
    body: `${eventSentence(worst)}${wanted.length > 1 ? ` (and ${wanted.length - 1} more)` : ''}`,
    severity: severityOf(worst) === 'critical' ? 'critical' : 'warning',
  };
}
