// Turns the lines of an event log into events, and finds the gaps between them.
import { z } from 'zod';
import { Event } from '../../contract/events.ts';
import { parseJson } from '../../contract/parse-json.ts';

/** How far the kernel log was read, and in which boot. */
const Mark = z.object({ boot: z.string(), kernelLog: z.number() });
export type LogMark = z.infer<typeof Mark>;

/** The first line of a file: `after` is the id of the last event before it. */
const Note = z
  .object({ after: z.number().int().min(0).optional(), mark: Mark.optional() })
  .refine(({ after, mark }) => after !== undefined || mark !== undefined);
export type Note = z.infer<typeof Note>;

/** The first and last id of missing events. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

export class EventLines {
  readonly gaps: Gap[] = [];
  mark: LogMark | undefined;
  /** Lines that were neither an event nor a note. */
  damaged = 0;
  #lastId: number;
  #begun = false;
  #torn = false;

  /** @param since events up to this id are skipped */
  constructor(since: number) {
    this.#lastId = since;
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** @param wanted decides by the text of a line whether to parse it @returns undefined for a line without a wanted event */
  take(line: string, wanted: (line: string) => boolean = () => true): Event | undefined {
    if (line === '') return undefined;
    const id = idOf(line);
    if (id !== undefined && id <= this.#lastId) {
      this.#begun = true;
      return undefined;
    }
    if (id !== undefined && !wanted(line)) {
      this.#reach(id);
      return undefined;
    }
    const json = parseJson(line);
    const event = Event.safeParse(json);
    if (event.success) {
      // Only a damaged file has an id that does not grow.
      if (event.data.id <= this.#lastId) return undefined;
      this.#reach(event.data.id);
      return wanted(line) ? event.data : undefined;
    }
    const note = noteOf(json);
    if (note) this.#note(note);
    else {
      this.damaged++;
      this.#torn = true;
    }
    return undefined;
  }

  /** All events up to this id that were not read are missing. */
  missing(to: number): void {
    if (to <= this.#lastId) return;
    this.gaps.push({ from: this.#lastId + 1, to });
    this.#lastId = to;
  }

  /** Whether any line had an id. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  /** Whether the last line is incomplete, as when an earlier run was killed. */
  get isTorn(): boolean {
    return this.#torn;
  }

  #note({ after, mark }: Note): void {
    this.mark = mark ?? this.mark;
    if (after === undefined) return;
    this.missing(after);
    this.#begun = true;
    this.#torn = false;
  }

  #reach(id: number): void {
    if (!this.#begun || this.#torn) this.missing(id - 1);
    this.#begun = true;
    this.#torn = false;
    this.#lastId = id;
  }
}

/** The id, if it is the first field. */
function idOf(line: string): number | undefined {
  const id = /^\{"id":(\d{1,15}),/.exec(line)?.[1];
  return id === undefined ? undefined : Number(id);
}

/** @returns undefined for a line that is no note */
export function readNote(line: string): Note | undefined {
  return noteOf(parseJson(line));
}

function noteOf(json: unknown): Note | undefined {
  return Note.safeParse(json).data;
}
