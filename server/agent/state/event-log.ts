// The event log: ids that only grow, in memory for whoever comes back soon and on disk for a restart.
import { closeSync, fstatSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Event, type NewEvent } from '../../contract/events.ts';
import { isDiskFault } from './disk-fault.ts';

/** Kept in memory for `since`; the files hold at least as many. */
const KEPT = 20_000;
/** A file of this size becomes events.1.ndjson, and a new one starts. */
const ROTATE_BYTES = 8 * 1024 * 1024;

/** What waits for room on a full disk; beyond it the files miss events that memory still has. */
const WAITING_BYTES = 8 * 1024 * 1024;

/** Where the log stood when it was written: which boot, and how far the kernel log was read. */
const Mark = z.object({ mark: z.object({ boot: z.string(), kernelLog: z.number() }) });

export type LogMark = z.infer<typeof Mark>['mark'];

export class EventLog {
  readonly #path: string;
  readonly #oldPath: string;
  readonly #events: Event[] = [];
  readonly #listeners = new Set<(event: Event) => void>();
  #fd: number;
  #bytes: number;
  /** Bytes that the disk did not take, in order. */
  #waiting = Buffer.alloc(0);
  #lastId = 0;
  /** The last mark found on disk; undefined in a new log. */
  readonly lastMark: LogMark | undefined;

  /**
   * @param stateDir an existing folder; a torn last line (the machine went down) is dropped
   * @param spareIds left out after a restart: events that were told and did not reach the disk any more keep their ids to themselves
   */
  constructor(stateDir: string, spareIds = 0) {
    this.#path = join(stateDir, 'events.ndjson');
    this.#oldPath = join(stateDir, 'events.1.ndjson');
    this.lastMark = [this.#oldPath, this.#path].map((path) => this.#load(path)).findLast((mark) => mark !== undefined);
    if (this.#lastId > 0) this.#lastId += spareIds;
    this.#fd = openSync(this.#path, 'a', 0o600);
    this.#bytes = fstatSync(this.#fd).size;
    // A torn line must not swallow the next one.
    if (this.#bytes > 0) this.#write('\n');
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** The event gets its id, goes to whoever listens, and then to disk; what a full disk does not take waits in memory. */
  append(event: NewEvent): Event {
    const full = { ...event, id: this.#lastId + 1 } as Event;
    this.#lastId = full.id;
    this.#keep(full);
    // Told before it is written: a slow disk delays nobody. Should we end in between, the next start leaves a gap in the ids.
    for (const listener of this.#listeners) listener(full);
    this.#write(`${JSON.stringify(full)}\n`);
    return full;
  }

  mark(mark: LogMark): void {
    this.#write(`${JSON.stringify({ mark })}\n`);
  }

  /** Events with a greater id, oldest first. */
  since(id: number): Event[] {
    // Ids grow, but a damaged line may have left a gap: the place is searched for.
    let from = 0;
    for (let to = this.#events.length; from < to; ) {
      const middle = (from + to) >> 1;
      if ((this.#events[middle]?.id ?? 0) <= id) from = middle + 1;
      else to = middle;
    }
    return this.#events.slice(from);
  }

  onEvent(listener: (event: Event) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #keep(event: Event): void {
    this.#events.push(event);
    if (this.#events.length > KEPT * 1.1) this.#events.splice(0, this.#events.length - KEPT);
  }

  #write(line: string): void {
    this.#waiting = Buffer.concat([this.#waiting, Buffer.from(line)]);
    try {
      while (this.#waiting.length > 0) {
        const written = writeSync(this.#fd, this.#waiting);
        this.#bytes += written;
        this.#waiting = this.#waiting.subarray(written);
      }
      if (this.#bytes >= ROTATE_BYTES) this.#rotate();
    } catch (error) {
      if (!isDiskFault(error)) throw error;
      if (this.#waiting.length > WAITING_BYTES) this.#waiting = Buffer.from('\n');
    }
  }

  #rotate(): void {
    this.#bytes = 0;
    renameSync(this.#path, this.#oldPath);
    const fd = openSync(this.#path, 'a', 0o600);
    closeSync(this.#fd);
    this.#fd = fd;
  }

  #load(path: string): LogMark | undefined {
    let mark: LogMark | undefined;
    for (const line of readLines(path)) {
      const json = parseJson(line);
      const event = Event.safeParse(json);
      if (event.success) {
        // An id that does not grow would break `since`: it can only come from a damaged file.
        if (event.data.id <= this.#lastId) continue;
        this.#lastId = event.data.id;
        this.#keep(event.data);
      } else mark = Mark.safeParse(json).data?.mark ?? mark;
    }
    return mark;
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
