// Reads a launch's output as its monitor stores it: chunks in a ring of two files (native/launch/README.md).
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { outputStreams } from '../../contract/launched.ts';
import { ProblemError } from '../../contract/problems.ts';

/** About the size of one part of a download. */
const PART_BYTES = 256 * 1024;
const HEADER_BYTES = 16;
/** The most that the monitor reads from a pipe at once; a header with a greater length is invalid. */
const LONGEST_CHUNK = 64 * 1024;

/** The ring, newer first. */
export const outputFiles = ['output', 'output.1'] as const;

/** In the order of the monitor's numbers. */
export type Stream = (typeof outputStreams)[number];

export interface RawChunk {
  /** Wall clock, ms. */
  readonly time: number;
  readonly stream: Stream;
  readonly bytes: Buffer;
}

/** The chunk header at an offset; undefined if there is no valid one. */
function headerAt(bytes: Buffer, at: number): { time: number; length: number; stream: Stream } | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  const stream = outputStreams[bytes.readUInt8(at + 12)];
  const length = bytes.readUInt32LE(at + 8);
  if (stream === undefined || bytes.readUIntLE(at + 13, 3) !== 0 || length === 0 || length > LONGEST_CHUNK) return undefined;
  return { time: Number(bytes.readBigUInt64LE(at)) / 1000, length, stream };
}

/** Whether a chunk begins at an offset, or the header is not written yet. */
export function isBetweenChunks(bytes: Buffer, at: number): boolean {
  return bytes.length - at < HEADER_BYTES || headerAt(bytes, at) !== undefined;
}

/** Calls back for each complete chunk from an offset on. @returns where the last complete one ends */
export function parseChunks(bytes: Buffer, from: number, onChunk: (chunk: RawChunk) => void): number {
  for (let at = from; ; ) {
    const header = headerAt(bytes, at);
    if (!header) return at;
    const end = at + HEADER_BYTES + header.length;
    if (end > bytes.length) return at;
    onChunk({ time: header.time, stream: header.stream, bytes: bytes.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
}

/**
 * Where the first chunk begins in the tail of a file: the first offset from which chunks follow each other up to the end.
 * A program's output may imitate headers, which only damages the display of its own output.
 */
export function firstChunkIn(tail: Buffer): number {
  for (let start = 0; start + HEADER_BYTES <= tail.length; start++) {
    let at = start;
    let header = headerAt(tail, at);
    while (header && at + HEADER_BYTES + header.length <= tail.length) {
      at += HEADER_BYTES + header.length;
      header = headerAt(tail, at);
    }
    const rest = tail.length - at;
    // The last chunk may be incomplete: its header, or the bytes after it.
    if (at > start && (header !== undefined || rest < HEADER_BYTES)) return start;
  }
  return tail.length;
}

export interface OpenFile {
  readonly fd: number;
  readonly size: number;
  readonly inode: bigint;
}

function openIf(path: string): OpenFile | undefined {
  try {
    const fd = openSync(path, 'r');
    const { size, ino } = fstatSync(fd, { bigint: true });
    return { fd, size: Number(size), inode: ino };
  } catch {
    // No output yet, or the monitor is just renaming the file.
    return undefined;
  }
}

export function readPiece({ fd }: OpenFile, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
}

/** Both files of a ring, oldest first, open while `use` runs. */
export function withRing<T>(dir: string, use: (files: readonly OpenFile[]) => T): T {
  const [newer, older] = outputFiles.map((name) => openIf(join(dir, name)));
  // If the ring turned between the two opens, both are the same file, which is the older one.
  const files = [older, newer].flatMap((file, i) => (file && !(i === 1 && file.inode === older?.inode) ? [file] : []));
  try {
    return use(files);
  } finally {
    if (newer) closeSync(newer.fd);
    if (older) closeSync(older.fd);
  }
}

/**
 * A part of the output on disk, without headers.
 * @param at "<inode>:<offset>", the `next` of the previous part; undefined: from the beginning
 * @throws ProblemError conflict if that output was overwritten
 */
export function readPart(dir: string, stream: 'all' | 'out' | 'err', at: string | undefined): { bytes: Buffer; next?: string } {
  return withRing(dir, (files) => {
    const [inode, offset] = at?.split(':') ?? [];
    const place = inode === undefined ? 0 : files.findIndex((file) => String(file.inode) === inode);
    const file = files[place];
    if (!file) {
      if (at === undefined) return { bytes: Buffer.alloc(0) };
      throw new ProblemError(
        'conflict',
        'The program writes faster than its output is downloaded, so the next part was overwritten. Start the download again.',
      );
    }
    const from = Number(offset ?? 0);
    const piece = readPiece(file, from, Math.min(PART_BYTES + HEADER_BYTES + LONGEST_CHUNK, Math.max(0, file.size - from)));
    const wanted: Buffer[] = [];
    const end = parseChunks(piece, 0, (chunk) => {
      if (stream === 'all' || chunk.stream === stream) wanted.push(chunk.bytes);
    });
    const following = files[place + 1];
    const next = end > 0 ? `${file.inode}:${from + end}` : following && `${following.inode}:0`;
    return { bytes: Buffer.concat(wanted), ...(next === undefined ? {} : { next }) };
  });
}
