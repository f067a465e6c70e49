// The event log: recent events in memory, older ones on disk, with ids that only grow.
import { join } from 'node:path';
import type { CallAnswer, CallParams } from '../../contract/calls.ts';
import { firstIdOf, newestVersions } from '../../contract/event-facts.ts';
import { eventKinds } from '../../contract/event-kinds.ts';
import type { Event, EventKind, NewEvent } from '../../contract/events.ts';
import { AppendLog, logFiles, readText } from './append-log.ts';
import { inOrder, readEvents } from './event-files.ts';
import { EventLines, type LogMark, type Note, readNote } from './event-lines.ts';
import { StateFaults } from './state-faults.ts';

/** Events kept in memory. */
const KEPT = 20_000;
const ROTATE_BYTES = 8 * 1024 * 1024;

/** Kinds that come in thousands; in their own file they do not displace kinds that matter for weeks. */
const FREQUENT: ReadonlySet<EventKind> = new Set<EventKind>(['create', 'remove', 'pressure', 'threshold', 'forecast', 'empty']);

/** 64 MiB, and 16 MiB of the frequent kinds. */
const FILES = [
  { name: 'events.ndjson', keep: 7, holds: (kind: EventKind) => !FREQUENT.has(kind) },
  { name: 'frequent-events.ndjson', keep: 1, holds: (kind: EventKind) => FREQUENT.has(kind) },
] as const;

interface Part {
  readonly holds: (kind: EventKind) => boolean;
  readonly log: AppendLog;
  /** The id of its last event. */
  lastId: number;
}

export class EventLog {
  readonly #events: Event[] = [];
  readonly #listeners = new Set<(event: Event) => void>();
  readonly #parts: readonly Part[];
  #lastId = 0;
  #completeSince = 0;
  #mark: LogMark | undefined;

  /**
   * @param stateDir where the files are; an incomplete last line (the machine went down) is dropped
   * @param spareIds ids skipped after a restart, since some may have been sent with events that did not reach the disk
   */
  constructor(stateDir: string, spareIds = 0, faults = new StateFaults()) {
    const loaded = FILES.map((file) => ({
      ...file,
      path: join(stateDir, file.name),
      ...load(join(stateDir, file.name), file.keep, faults),
    }));
    this.#events = newestVersions(loaded.flatMap(({ events }) => events).sort((a, b) => a.id - b.id));
    this.#lastId = Math.max(...loaded.map(({ lines }) => lines.lastId));
    this.#completeSince = Math.max(...loaded.map(({ lines }) => lines.gaps.at(-1)?.to ?? 0));
    this.#mark = loaded.map(({ mark }) => mark).find((mark) => mark !== undefined);
    this.#parts = loaded.map(({ path, keep, holds, lines }) => {
      // Of a missing file all events count as missing.
      const part = { holds, lastId: lines.hasBegun ? lines.lastId : this.#lastId };
      const log = new AppendLog({
        path,
        keep,
        rotateBytes: ROTATE_BYTES,
        head: () => [this.#note(part.lastId)],
        whole: () => [this.#note(this.#completeSince), ...this.#events.filter(({ kind }) => holds(kind)).map(toLine)],
        what: 'The event log',
        cost: 'Meanwhile events are kept in memory, and are lost if cgdeck ends.',
        faults,
      });
      return Object.assign(part, { log });
    });
    if (this.#lastId > 0) this.#lastId += spareIds;
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** All events with a greater id that were not lost are in memory. */
  get completeSince(): number {
    return this.#completeSince;
  }

  /** The last mark that was written; undefined in a new log. */
  get lastMark(): LogMark | undefined {
    return this.#mark;
  }

  /** Gives the event its id, forgets the version that it replaces, passes it to the listeners, and writes it to disk, or keeps it in memory until the disk accepts it. */
  append(event: NewEvent): Event {
    const full = { ...event, id: ++this.#lastId } as Event;
    const first = firstIdOf(full);
    const replaced = first === full.id ? -1 : this.#events.findLastIndex((one) => firstIdOf(one) === first);
    if (replaced >= 0) this.#events.splice(replaced, 1);
    this.#events.push(full);
    if (this.#events.length > KEPT * 1.1) {
      const [last] = this.#events.splice(0, this.#events.length - KEPT).slice(-1);
      this.#completeSince = Math.max(this.#completeSince, last?.id ?? 0);
    }
    // Before the write, so that a slow disk delays no listener. If the agent is killed in between, `spareIds` keeps the id unique.
    for (const listener of this.#listeners) listener(full);
    const part = this.#parts.find(({ holds }) => holds(full.kind));
    if (part) {
      part.lastId = full.id;
      part.log.append(toLine(full));
    }
    return full;
  }

  /** Writes a mark, which is repeated at the beginning of each new file. */
  mark(mark: LogMark): void {
    this.#mark = mark;
    this.#parts[0]?.log.append(JSON.stringify({ mark } satisfies Note));
  }

  /** Events in memory with a greater id, oldest first. */
  since(id: number): Event[] {
    // A binary search, since ids have gaps.
    let from = 0;
    for (let to = this.#events.length; from < to; ) {
      const middle = (from + to) >> 1;
      if ((this.#events[middle]?.id ?? 0) <= id) from = middle + 1;
      else to = middle;
    }
    return this.#events.slice(from);
  }

  /** Events of any range, from memory and disk; `gaps` has the ranges in which events are missing, with their kinds. */
  async query({ since, group, kind, limit }: CallParams<'events'>): Promise<CallAnswer<'events'>> {
    const to = this.#completeSince;
    const recent = this.since(Math.max(since, to));
    const events: Event[] = [];
    const gaps: NonNullable<CallAnswer<'events'>['gaps']> = [];
    if (since < to) {
      const parts = this.#parts
        .filter(({ holds }) => kind === undefined || holds(kind))
        .map((part) => ({ ...part, lines: new EventLines(since) }));
      const matches = textMatch(group, kind);
      const sources = parts.map(({ log, lines }) => readEvents(log.files, lines, { since, to, matches }));
      for await (const event of inOrder(sources)) {
        if (isOf(event, group, kind)) events.push(event);
        if (events.length >= limit) break;
      }
      const end = events.length >= limit ? (events.at(-1)?.id ?? to) : to;
      for (const { lines, holds, lastId } of parts) {
        if (end === to) lines.missing(Math.min(to, lastId));
        const kinds = eventKinds.filter((one) => holds(one) && (kind === undefined || one === kind));
        for (const gap of lines.gaps) if (gap.from <= end) gaps.push({ from: gap.from, to: Math.min(gap.to, end), kinds });
      }
    }
    for (const event of recent) if (events.length < limit && isOf(event, group, kind)) events.push(event);
    return { events: newestVersions(events), lastId: this.#lastId, ...(gaps.length > 0 ? { gaps } : {}) };
  }

  onEvent(listener: (event: Event) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    for (const { log } of this.#parts) log.close();
  }

  #note(after: number): string {
    return JSON.stringify({ after, ...(this.#mark ? { mark: this.#mark } : {}) } satisfies Note);
  }
}

/** The id comes first, so that a reader can find a place without parsing the rest. */
function toLine({ id, ...event }: Event): string {
  return JSON.stringify({ id, ...event });
}

function isOf(event: Event, group: string | undefined, kind: EventKind | undefined): boolean {
  return (group === undefined || event.group === group) && (kind === undefined || event.kind === kind);
}

/** A quick test that all lines of the group and kind pass, and some others may. */
function textMatch(group: string | undefined, kind: EventKind | undefined): (line: string) => boolean {
  const texts = [...(group === undefined ? [] : [`"group":${JSON.stringify(group)}`]), ...(kind === undefined ? [] : [`"kind":"${kind}"`])];
  return (line) => texts.every((text) => line.includes(text));
}

/** The newest events on disk, as many as memory keeps. */
function load(
  path: string,
  keep: number,
  faults: StateFaults,
): { readonly lines: EventLines; readonly events: Event[]; readonly mark: LogMark | undefined } {
  let newest: readonly string[] | undefined;
  let text: readonly string[] = [];
  for (const file of logFiles(path, keep).toReversed()) {
    const older = readText(file).split('\n');
    newest ??= older;
    text = [...older, ...text];
    if (text.length > KEPT) break;
  }
  const lines = new EventLines(0);
  const events = text.slice(-KEPT).flatMap((line) => lines.take(line) ?? []);
  faults.damaged(path, lines.damaged - (lines.isTorn ? 1 : 0), 'those events are lost.');
  return { lines, events, mark: lines.mark ?? readNote(newest?.[0] ?? '')?.mark };
}
