// Times and bounds in a report, in words.
import type { ReportVictim } from '../../server/contract/reports.ts';
import { bytesText, formatClock, shortDuration } from '../../server/contract/units.ts';
import { visible } from '../../server/contract/visible.mjs';
import { dayOf } from '../ui/moment-words.ts';

export function momentOf(timeMs: number): string {
  return `${dayOf(timeMs)} ${formatClock(timeMs, true)}`;
}

/** "−4.2 s": how long before the kill. */
export function beforeOf(timeMs: number, killMs: number): string {
  return `−${shortDuration(Math.max(0, killMs - timeMs))}`;
}

export function boundText(bytes: number | 'max' | undefined): string {
  return bytes === undefined ? '–' : bytes === 'max' ? 'none' : bytesText(bytes);
}

/** "cgdeck-load leak 200, pid 8729, 24.4 MiB, ran for 148 ms": what is known. */
export function victimWords({ comm, command, pid, rssBytes, ageMs }: ReportVictim): string {
  const facts = [
    visible(command ?? comm),
    `pid ${pid}`,
    rssBytes === undefined ? undefined : bytesText(rssBytes),
    ageMs === undefined ? undefined : `ran for ${shortDuration(ageMs)}`,
  ];
  return facts.filter((fact) => fact !== undefined).join(', ');
}
