// When a group was frozen, from its history, in either version.
import { groupState } from '../../server/contract/derive.ts';
import type { HistoryPoint } from '../live/history.ts';

export function frozenSpans(moments: readonly HistoryPoint[]): Array<{ fromMs: number; toMs: number }> {
  const spans: Array<{ fromMs: number; toMs: number }> = [];
  let open: { fromMs: number; toMs: number } | undefined;
  for (const moment of moments) {
    const { timeMs } = moment;
    if (open) open.toMs = timeMs;
    if (groupState(moment) !== 'frozen') open = undefined;
    else if (!open) {
      open = { fromMs: timeMs, toMs: timeMs };
      spans.push(open);
    }
  }
  return spans;
}
