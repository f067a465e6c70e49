// Whether this group may be changed here, and if not, why: shown on every control that is off.
import type { Host } from '../../server/contract/answers.ts';
import type { GroupEntry } from '../../server/contract/frame.ts';

/** Undefined: it may. */
export function whyNotTouch(
  entry: Pick<GroupEntry, 'managed' | 'self' | 'path'>,
  mayNotAct: string | undefined,
  host: Pick<Host, 'managedRoot'> | undefined,
): string | undefined {
  if (entry.self) return 'This group contains cgdeck itself or pid 1, which are never frozen, killed or limited.';
  if (!entry.managed)
    return `Read-only: cgdeck changes only groups under ${host?.managedRoot ?? 'its own root'} and those named with --control.`;
  return mayNotAct;
}
