// Which events a destination wants.
import type { Event, EventKind } from '../../contract/events.ts';
import { groupMatcher } from '../../contract/group-pattern.ts';
import type { When } from '../../contract/notices.ts';
import { isAtLeast, severityOf } from '../../contract/severity.ts';

export function selector({ kinds, groups, severity }: When): (event: Event) => boolean {
  const wanted: ReadonlySet<EventKind> = new Set(kinds);
  const isIn = groups.length === 0 ? () => true : groupMatcher(groups);
  return (event) => isAtLeast(severityOf(event), severity) && (wanted.size === 0 || wanted.has(event.kind)) && isIn(event.group);
}
