// The lines of an event log, in order, as events; what is missing between them is known.
import { z } from 'zod';
import { Event } from '../../contract/events.ts';
import { parseJson } from '../../contract/parse-json.ts';

/** Which boot, and how far the kernel log was read. */
const Mark = z.object({ boot: z.string(), kernelLog: z.number() });
export type LogMark = z.infer<typeof Mark>;

/** Begins a file: `after` is the last event of this log before it. */
const Note = z
  .object({ after: z.number().int().min(0).optional(), mark: Mark.optional() })
  .refine(({ after, mark }) => after !== undefined || mark !== undefined);
export type Note = z.infer<typeof Note>;

/** Ids, both included, of which events are missing. */
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

  /** @param since events up to this id are passed over */
  constructor(since: number) {
    this.#lastId = since;
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** @param wanted tells from the text, so that the other lines are not parsed @returns undefined for what is no event, or not wanted */
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
      // An id that does not grow can only come from a damaged file.
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

  /** Whatever there may be up to this id is missing. */
  missing(to: number): void {
    if (to <= this.#lastId) return;
    this.gaps.push({ from: this.#lastId + 1, to });
    this.#lastId = to;
  }

  /** Whether there was anything that says where this log stands. */
  get hasBegun(): boolean {
    return this.#begun;
  }

  /** Whether the last line was torn, as by the end of an earlier run. */
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

/** The id where it stands first in its line, as it is written now. */
function idOf(line: string): number | undefined {
  const id = /^\{"id":(\d{1,15}),/.exec(line)?.[1];
  return id === undefined ? undefined : Number(id);
}

/** What a line says that is no event. */
export function readNote(line: string): Note | undefined {
  return noteOf(parseJson(line));
}

function noteOf(json: unknown): Note | undefined {
  return Note.safeParse(json).data;
}
