// The event log: ids that only grow, in memory for whoever comes back soon, and on disk for a restart and for what is older.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CallAnswer, CallParams } from '../../contract/calls.ts';
import { type Event, type EventKind, eventKinds, type NewEvent } from '../../contract/events.ts';
import { AppendLog, logFiles } from './append-log.ts';
import { inOrder, readEvents } from './event-files.ts';
import { EventLines, type LogMark, type Note, readNote } from './event-lines.ts';
import { StateFaults } from './state-faults.ts';

/** Kept in memory for `since`. */
const KEPT = 20_000;
const ROTATE_BYTES = 8 * 1024 * 1024;

/** These come in thousands, and must not push out what is asked for after weeks: they have a file of their own. */
const FREQUENT: ReadonlySet<EventKind> = new Set<EventKind>(['create', 'remove', 'pressure', 'threshold', 'empty']);

/** 64 MiB of what matters, 16 MiB of what is frequent. */
const FILES = [
  { name: 'events.ndjson', keep: 7, holds: (kind: EventKind) => !FREQUENT.has(kind) },
  { name: 'frequent-events.ndjson', keep: 1, holds: (kind: EventKind) => FREQUENT.has(kind) },
] as const;

interface Part {
  readonly holds: (kind: EventKind) => boolean;
  readonly log: AppendLog;
  /** The last event of the part. */
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
   * @param stateDir a torn last line in it (the machine went down) is dropped
   * @param spareIds left out after a restart: events that were reported and did not reach the disk any more keep their ids to themselves
   */
  constructor(stateDir: string, spareIds = 0, faults = new StateFaults()) {
    const loaded = FILES.map((file) => ({
      ...file,
      path: join(stateDir, file.name),
      ...load(join(stateDir, file.name), file.keep, faults),
    }));
    this.#events = loaded.flatMap(({ events }) => events).sort((a, b) => a.id - b.id);
    this.#lastId = Math.max(...loaded.map(({ lines }) => lines.lastId));
    this.#completeSince = Math.max(...loaded.map(({ lines }) => lines.gaps.at(-1)?.to ?? 0));
    this.#mark = loaded.map(({ mark }) => mark).find((mark) => mark !== undefined);
    this.#parts = loaded.map(({ path, keep, holds, lines }) => {
      // A file that is gone: what it may have held is missing.
      const part = { holds, lastId: lines.hasBegun ? lines.lastId : this.#lastId };
      const log = new AppendLog({
        path,
        keep,
        rotateBytes: ROTATE_BYTES,
        head: () => [this.#note(part.lastId)],
        whole: () => [this.#note(this.#completeSince), ...this.#events.filter(({ kind }) => holds(kind)).map(toLine)],
        what: 'The event log',
        cost: 'Events wait in memory meanwhile, and are lost if cgdeck ends before it can.',
        faults,
      });
      return Object.assign(part, { log });
    });
    if (this.#lastId > 0) this.#lastId += spareIds;
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** Every event with a greater id is in memory, of those that were not lost. */
  get completeSince(): number {
    return this.#completeSince;
  }

  /** Where the log stood when it was last written; undefined in a new one. */
  get lastMark(): LogMark | undefined {
    return this.#mark;
  }

  /** The event gets its id, goes to whoever listens, and then to disk; what a full disk does not take waits in memory. */
  append(event: NewEvent): Event {
    const full = { ...event, id: ++this.#lastId } as Event;
    this.#events.push(full);
    if (this.#events.length > KEPT * 1.1) {
      const [last] = this.#events.splice(0, this.#events.length - KEPT).slice(-1);
      this.#completeSince = Math.max(this.#completeSince, last?.id ?? 0);
    }
    // Before it is written: a slow disk delays nobody. Should we end in between, the next start leaves a gap in the ids.
    for (const listener of this.#listeners) listener(full);
    const part = this.#parts.find(({ holds }) => holds(full.kind));
    if (part) {
      part.lastId = full.id;
      part.log.append(toLine(full));
    }
    return full;
  }

  /** Remembered at each change of files, however many there are until the next mark. */
  mark(mark: LogMark): void {
    this.#mark = mark;
    this.#parts[0]?.log.append(JSON.stringify({ mark } satisfies Note));
  }

  /** Events in memory with a greater id, oldest first. */
  since(id: number): Event[] {
    // Ids grow, but some are left out: the place is searched for.
    let from = 0;
    for (let to = this.#events.length; from < to; ) {
      const middle = (from + to) >> 1;
      if ((this.#events[middle]?.id ?? 0) <= id) from = middle + 1;
      else to = middle;
    }
    return this.#events.slice(from);
  }

  /** Any range: from memory, and what is older from disk; `gaps` says of which kinds events are missing in it. */
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
    return { events, lastId: this.#lastId, ...(gaps.length > 0 ? { gaps } : {}) };
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

/** The id first: a reader that looks for a place need not parse the rest. */
function toLine({ id, ...event }: Event): string {
  return JSON.stringify({ id, ...event });
}

function isOf(event: Event, group: string | undefined, kind: EventKind | undefined): boolean {
  return (group === undefined || event.group === group) && (kind === undefined || event.kind === kind);
}

/** What only lines of the group and kind contain, though others may too. */
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
  const damaged = lines.damaged - (lines.isTorn ? 1 : 0);
  if (damaged > 0)
    faults.set(`${path} damaged`, `${damaged} damaged line${damaged === 1 ? '' : 's'} of ${path} were passed over: those events are lost.`);
  return { lines, events, mark: lines.mark ?? readNote(newest?.[0] ?? '')?.mark };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
