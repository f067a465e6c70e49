// A message: a title, a line for each event, and what machines want to know. Formats and mail are made from it.

import { eventName, eventSentence, kindWords } from '../../contract/event-words.ts';
import type { Event } from '../../contract/events.ts';
import type { Severity } from '../../contract/severity.ts';
import { formatClock } from '../../contract/units.ts';
import { visible } from '../../contract/visible.mjs';
import type { Batch } from './batch.ts';

const LONGEST_LINE = 300;

export interface Message {
  /** The machine's name. */
  readonly host: string;
  readonly severity: Severity;
  readonly title: string;
  readonly lines: readonly string[];
  /** What it is about; of many events the gravest. */
  readonly events: readonly Event[];
  /** How many there are. */
  readonly count: number;
  /** Of the first event, or of the try: wall clock, ms. */
  readonly time: number;
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function lineOf(event: Event): string {
  const late = event.late ? ' (found later)' : '';
  return cut(visible(`${formatClock(event.time)} ${eventName(event)} in ${event.group}: ${eventSentence(event)}${late}`), LONGEST_LINE);
}

export function messageOf(batch: Batch, host: string): Message {
  const { worst, shown, count } = batch;
  const what = worst ? `${eventName(worst)} in ${worst.group}` : 'Nothing';
  const more = count > 1 ? ` and ${count - 1} more` : '';
  const kinds = [...batch.byKind].map(([kind, times]) => `${times} × ${kindWords[kind].name}`);
  return {
    host,
    severity: batch.severity,
    title: cut(visible(`${host}: ${what}${more}`), LONGEST_LINE),
    lines: [...shown.map(lineOf), ...(count > shown.length ? [`… ${count} events in all: ${kinds.join(', ')}`] : [])],
    events: shown,
    count,
    time: shown[0]?.time ?? Date.now(),
  };
}

export function tryMessage(host: string, name: string): Message {
  return {
    host,
    severity: 'info',
    title: `${host}: a try from cgdeck`,
    lines: [`Messages for “${name}” arrive here.`],
    events: [],
    count: 0,
    time: Date.now(),
  };
}
