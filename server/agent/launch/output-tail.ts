// The end of a launch's output, or the output since an earlier answer.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SHOWN_OUTPUT_BYTES } from '../../contract/launch-options.ts';
import type { OutputChunk } from '../../contract/launched.ts';
import { firstChunkIn, isBetweenChunks, type OpenFile, parseChunks, type RawChunk, readPiece, withRing } from './output-files.ts';
import { type Begun, begunText, fromCharacter, joinChunks, parseBegun } from './output-text.ts';

export interface OutputTail {
  readonly chunks: OutputChunk[];
  /** The output bytes in the chunks. */
  readonly bytes: number;
  /** The output bytes on disk, or, if not all are shown, the files' sizes with headers. */
  readonly keptBytes: number;
  /** Whether the program wrote more than the files keep. */
  readonly overwritten: boolean;
  /** Whether the chunks are not all that the program wrote; for those since a position: not all since then. */
  readonly truncated: boolean;
  /** Whether the chunks continue from `after`; otherwise they are the end of all output. */
  readonly continues: boolean;
  /** The position where the next output begins; absent before the first output. */
  readonly next?: string;
}

interface Read {
  readonly raw: readonly RawChunk[];
  /** Where the last complete chunk ends in the newest file. */
  readonly end: number;
  /** Whether there is output before. */
  readonly isCut: boolean;
}

/**
 * The last 1 MiB of output on disk, or only the output after a position.
 * @param after `next` of an earlier answer; ignored if more than 1 MiB has come since, or that part was overwritten
 */
export function readTail(dir: string, after?: string): OutputTail {
  // Looked at before the output: all of that is stored when the record is written.
  const hasEnded = existsSync(join(dir, 'exit'));
  return withRing(dir, (files) => {
    const since = after === undefined ? undefined : readSince(files, after);
    const { raw, end, isCut } = since ?? readEnd(files);
    const begun: Begun = since === undefined || after === undefined ? {} : parseBegun(after);
    const fileBytes = files.reduce((sum, { size }) => sum + size, 0);
    const bytes = raw.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
    const newest = files.at(-1);
    return {
      chunks: joinChunks(isCut ? fromCharacter(raw) : raw, begun, hasEnded),
      bytes,
      // If all output is shown, its exact size is known.
      keptBytes: since === undefined && fileBytes <= SHOWN_OUTPUT_BYTES ? bytes : fileBytes,
      overwritten: files.length > 1,
      truncated: isCut,
      continues: since !== undefined,
      ...(newest ? { next: `${newest.inode}:${end}${begunText(begun)}` } : {}),
    };
  });
}

function readEnd(files: readonly OpenFile[]): Read {
  const raw: RawChunk[] = [];
  let budget = SHOWN_OUTPUT_BYTES;
  let end = 0;
  for (const [i, file] of [...files].reverse().entries()) {
    const length = Math.min(file.size, budget);
    const from = file.size - length;
    const bytes = readPiece(file, from, length);
    const part: RawChunk[] = [];
    const last = parseChunks(bytes, from > 0 ? firstChunkIn(bytes) : 0, (chunk) => part.push(chunk));
    if (i === 0) end = from + last;
    raw.unshift(...part);
    budget -= length;
  }
  return { raw, end, isCut: files.length > 1 || (files[0]?.size ?? 0) > SHOWN_OUTPUT_BYTES };
}

/** @returns undefined if the position was overwritten, or is more than 1 MiB back */
function readSince(files: readonly OpenFile[], after: string): Read | undefined {
  const [inode, offset] = after.split(':');
  const place = files.findIndex((file) => String(file.inode) === inode);
  if (place < 0) return undefined;
  const from = files.slice(place).map((file, i) => ({ file, start: i === 0 ? Number(offset) : 0 }));
  const bytes = from.reduce((sum, { file, start }) => sum + file.size - start, 0);
  if (bytes > SHOWN_OUTPUT_BYTES || from.some(({ file, start }) => start > file.size)) return undefined;
  const raw: RawChunk[] = [];
  let end = 0;
  for (const { file, start } of from) {
    const piece = readPiece(file, start, file.size - start);
    // A newer file may have the inode number of a removed one.
    if (!isBetweenChunks(piece, 0)) return undefined;
    end = start + parseChunks(piece, 0, (chunk) => raw.push(chunk));
  }
  return { raw, end, isCut: false };
}
