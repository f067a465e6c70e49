// Ranges of events that are missing from the log; answers about one range are merged.
import type { EventGap } from '../../server/contract/events.ts';

/** @returns the gaps with one more, in order; touching gaps of the same kinds are merged */
export function addGap(gaps: readonly EventGap[], added: EventGap): readonly EventGap[] {
  let { from, to } = added;
  const apart = gaps.filter((gap) => {
    if (gap.kinds.join() !== added.kinds.join() || gap.to < from - 1 || gap.from > to + 1) return true;
    from = Math.min(from, gap.from);
    to = Math.max(to, gap.to);
    return false;
  });
  return [...apart, { ...added, from, to }].sort((a, b) => a.to - b.to);
}
