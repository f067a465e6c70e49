// Of a group that was held: its guard, how long people had, and what was decided, by whom and after how long.
'use client';
import type { ReportDecision, ReportHold } from '../../server/contract/reports.ts';
import { bytesText, shortDuration } from '../../server/contract/units.ts';
import { visible } from '../../server/contract/visible.mjs';
import { momentOf } from './words.ts';

export interface HoldPartsProps {
  readonly hold: ReportHold;
  readonly decisions: readonly ReportDecision[];
  /** When it was held. */
  readonly timeMs: number;
}

export function HoldParts({ hold, decisions, timeMs }: HoldPartsProps) {
  const { pattern, facts, deadlineMs, next } = hold;
  const { usageBytes, lineBytes, memsw } = facts;
  const deadline =
    deadlineMs === 0 ? 'Its steps decide at once' : `${shortDuration(deadlineMs)} to decide, until ${momentOf(timeMs + deadlineMs)}`;
  const known = [
    `${bytesText(usageBytes)} in use${lineBytes === undefined ? '' : `, line ${bytesText(lineBytes)}`}`,
    ...(memsw ? [`${bytesText(memsw.usageBytes)} with swap, line ${bytesText(memsw.lineBytes)}`] : []),
    `guard ${visible(pattern)}`,
    `${deadline}${next === undefined ? '' : `, then: ${next}`}`,
  ];
  return (
    <>
      <p className="text-sm text-quiet [overflow-wrap:anywhere]">{known.join('; ')}.</p>
      <ol aria-label="Decisions" className="mt-2 divide-y divide-line/60 border-t border-line">
        {decisions.map(({ time, afterMs, by, outcome, sentence }) => (
          <li key={`${time} ${sentence}`} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 py-1.5 text-sm">
            <span className="[overflow-wrap:anywhere]">
              {by !== undefined && <span className="font-medium">{by === 'guard' ? 'Its guard' : visible(by)}: </span>}
              {sentence} {outcome === 'refused' && <span className="text-hard">Refused.</span>}
            </span>
            <time className="text-xs text-quiet" dateTime={new Date(time).toISOString()} title={momentOf(time)}>
              {afterMs === undefined ? momentOf(time) : `after ${shortDuration(afterMs)}`}
            </time>
          </li>
        ))}
        {decisions.length === 0 && <li className="py-1.5 text-sm text-quiet">No decision so far.</li>}
      </ol>
    </>
  );
}
