// When a group was frozen, out of its history of freezer.state.
import type { HistoryPoint } from './series.ts';

export function frozenSpans(moments: readonly HistoryPoint[]): Array<{ fromMs: number; toMs: number }> {
  const spans: Array<{ fromMs: number; toMs: number }> = [];
  let open: { fromMs: number; toMs: number } | undefined;
  for (const { timeMs, 'freezer.state': state } of moments) {
    if (open) open.toMs = timeMs;
    if (state !== 'FROZEN') open = undefined;
    else if (!open) {
      open = { fromMs: timeMs, toMs: timeMs };
      spans.push(open);
    }
  }
  return spans;
}
