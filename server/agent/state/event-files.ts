// Reads events from the files of a log in pieces, so that long files do not block the agent.
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import type { Event } from '../../contract/events.ts';
import { type EventLines, readNote } from './event-lines.ts';

const CHUNK_BYTES = 64 * 1024;
/** A note is shorter. */
const NOTE_BYTES = 512;

export interface Wanted {
  readonly since: number;
  readonly to: number;
  /** Whether a line, as text, may hold a wanted event. */
  readonly matches: (line: string) => boolean;
}

/** The events of one log in order; afterwards `lines` has the gaps. */
export async function* readEvents(
  files: readonly string[],
  lines: EventLines,
  { since, to, matches }: Wanted,
): AsyncGenerator<Event, void, void> {
  for await (const chunk of readLines(files, since)) {
    for (const line of chunk) {
      const event = lines.take(line, matches);
      if (lines.lastId > to) return;
      if (event) yield event;
    }
  }
}

/** Merges sorted sources by id. */
export async function* inOrder(sources: readonly AsyncGenerator<Event, void, void>[]): AsyncGenerator<Event, void, void> {
  try {
    const heads = await Promise.all(sources.map(async (source) => ({ source, next: await source.next() })));
    for (;;) {
      let first: { readonly source: (typeof sources)[number]; next: IteratorResult<Event, void> } | undefined;
      for (const head of heads) {
        if (head.next.done) continue;
        if (!first || first.next.done || head.next.value.id < first.next.value.id) first = head;
      }
      if (!first || first.next.done) return;
      yield first.next.value;
      first.next = await first.source.next();
    }
  } finally {
    for (const source of sources) await source.return();
  }
}

/** Reads the lines of files, oldest first, in pieces; skips missing files, and adds a damaged line where reading fails. */
async function* readLines(files: readonly string[], since: number): AsyncGenerator<readonly string[]> {
  // All are opened at once, before any of them is renamed.
  const open = openFrom(files, since);
  try {
    for (let fd = open.shift(); fd !== undefined; fd = open.shift()) {
      let rest = '';
      try {
        for await (const chunk of createReadStream('', { fd, encoding: 'utf8', highWaterMark: CHUNK_BYTES })) {
          const lines = `${rest}${chunk}`.split('\n');
          rest = lines.pop() ?? '';
          yield lines;
        }
      } catch {
        rest = 'reading failed';
      }
      yield [rest];
    }
  } finally {
    for (const fd of open) closeSync(fd);
  }
}

/** Opens the files that may have events after `since`: the newest one that begins before it, and all newer ones. */
function openFrom(files: readonly string[], since: number): number[] {
  const open: number[] = [];
  for (const file of files.toReversed()) {
    try {
      const fd = openSync(file, 'r');
      open.unshift(fd);
      if (beginsAfter(fd) <= since) break;
    } catch {
      // Counts as missing.
    }
  }
  return open;
}

function beginsAfter(fd: number): number {
  const bytes = Buffer.alloc(NOTE_BYTES);
  const first = bytes.toString('utf8', 0, readSync(fd, bytes, 0, NOTE_BYTES, 0)).split('\n', 1)[0] ?? '';
  return readNote(first)?.after ?? Number.POSITIVE_INFINITY;
}
